/**
 * Finds the step at which a connection fails: the name and the port, or the proxy; the certificate,
 * or the server that answers there. gRPC has only UNAVAILABLE for all of them.
 *
 * @module
 */
import { withDeadline } from "../base/deadline.ts";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsOptions } from "../wire/net/trusted_roots.ts";
import type { ChannelOptions } from "../wire/grpc/channel_options.ts";
import type { Hop } from "../wire/proxy/failure.ts";
import { grpcRoute } from "../wire/proxy/grpc_proxy.ts";
import { dialThrough } from "../wire/proxy/tunnel.ts";
import { TlsFailed } from "../wire/tls/failure.ts";
import { secure } from "../wire/tls/handshake.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { messageOf } from "../wire/error.ts";

/** The step at which a connection fails. */
export type Phase = "name" | "connect" | "proxy" | "tls" | "http2";

/** Why an endpoint cannot be reached. */
export interface Diagnosis {
  readonly phase: Phase;
  /** One sentence without the endpoint's name. */
  readonly cause: string;
}

/** Bounds of a diagnosis. */
export interface DiagnoseOptions {
  /** Bound of each step; the whole takes at most four times as long. @default 5_000 */
  readonly stepMs?: number;
  /** The options of the channel, which may name a proxy. */
  readonly channelOptions?: ChannelOptions;
  /** Ends the diagnosis. */
  readonly signal?: AbortSignal;
}

const STEP_MS = 5_000;

class StepError extends Error {
  constructor(readonly phase: Phase, message: string) {
    super(message);
  }
}

/** Tries the steps of a connection to `endpoint`; undefined if all of them work, or on abort. */
export async function diagnose(
  endpoint: string,
  tls: TlsOptions,
  options: DiagnoseOptions = {},
): Promise<Diagnosis | undefined> {
  using stack = new DisposableStack();
  try {
    const target = parseEndpoint(endpoint);
    const { proxy } = grpcRoute(target, options.channelOptions);
    const open = () => proxy ? tunnel({ proxy, target }, options) : dial(target, options);
    const { stepMs: ms = STEP_MS, signal } = options;
    const socket = await secure({ ...target, tls, open }, { ms, signal });
    stack.defer(() => void socket.destroy());
    await greet(socket, options);
    return undefined;
  } catch (error) {
    if (options.signal?.aborted) return undefined;
    if (error instanceof TlsFailed) {
      return { phase: error.problem === "http2" ? "http2" : "tls", cause: error.message };
    }
    if (error instanceof StepError) return { phase: error.phase, cause: error.message };
    return { phase: "name", cause: messageOf(error) };
  }
}

async function resolve(host: string, options: DiagnoseOptions): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await bounded(lookup(host), options)).address;
  } catch (error) {
    const why = error === LATE
      ? `the resolver did not answer within ${seconds(options)} s`
      : reason(error);
    throw new StepError("name", `the name ${host} cannot be resolved (${why})`);
  }
}

async function tunnel(hop: Hop, { stepMs = STEP_MS, signal }: DiagnoseOptions): Promise<Socket> {
  try {
    return await dialThrough(hop, { ms: stepMs, ...(signal && { signal }) });
  } catch (error) {
    throw new StepError("proxy", messageOf(error));
  }
}

async function dial({ host: name, port }: Endpoint, options: DiagnoseOptions): Promise<Socket> {
  const host = await resolve(name, options);
  const socket = connectTcp({ host, port });
  try {
    await settle(socket, "connect", options);
    return socket;
  } catch (error) {
    socket.destroy();
    const at = formatEndpoint({ host, port });
    const why = error === LATE ? `no answer within ${seconds(options)} s` : reason(error);
    throw new StepError("connect", `${at} does not accept connections (${why})`);
  }
}

/** The first frame of an HTTP/2 server is SETTINGS (RFC 9113 §3.4): type 4 at offset 3. */
async function greet(socket: TLSSocket, options: DiagnoseOptions): Promise<void> {
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  socket.write(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  try {
    const first = await settle(socket, "data", options) as Uint8Array;
    if (first[3] !== 4) {
      throw new StepError("http2", "it answers, but not in HTTP/2, so it is no gRPC server");
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    const why = error === LATE ? `it says nothing for ${seconds(options)} s` : reason(error);
    throw new StepError("http2", `the connection opens, but ${why}`);
  }
}

const LATE = Symbol("late");

function reason(error: unknown): string {
  const { code } = error as { code?: unknown };
  const text = messageOf(error);
  return typeof code === "string" && !text.includes(code) ? `${text}, ${code}` : text;
}

function seconds({ stepMs = STEP_MS }: DiagnoseOptions): number {
  return stepMs / 1000;
}

/** The first argument of `event`, or rejects with the socket's error, its end, or LATE. */
function settle(socket: Socket, event: string, options: DiagnoseOptions): Promise<unknown> {
  return bounded(
    new Promise((resolve, reject) => {
      socket.once(event, resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("it closes the connection")));
    }),
    options,
  );
}

/** Rejects with LATE when the step takes too long. */
function bounded<T>(
  promise: Promise<T>,
  { stepMs = STEP_MS, signal }: DiagnoseOptions,
): Promise<T> {
  return withDeadline(promise, { ms: stepMs, signal, late: () => LATE });
}
