/**
 * Finds the step at which a connection fails: the name and the port, or the proxy; the certificate,
 * or the server that answers there. gRPC has only UNAVAILABLE for all of them.
 *
 * @module
 */
import { withDeadline } from "../base/deadline.ts";
import { lookup } from "node:dns/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type TlsOptions, trustedRoots } from "../wire/net/trusted_roots.ts";
import type { ChannelOptions } from "../wire/grpc/channel_options.ts";
import type { Hop } from "../wire/proxy/failure.ts";
import { grpcRoute } from "../wire/proxy/grpc_proxy.ts";
import { dialThrough } from "../wire/proxy/tunnel.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "../wire/net/endpoint.ts";
import { NARROW_PATH } from "./narrow_path.ts";
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
    const { host } = target;
    const { proxy } = grpcRoute(target, options.channelOptions);
    const socket = await (proxy ? tunnel({ proxy, target }, options) : dial(target, options));
    stack.defer(() => void socket.destroy());
    const secure = await handshake(socket, tls.serverName ?? host, tls, options);
    stack.defer(() => void secure.destroy());
    await greet(secure, options);
    return undefined;
  } catch (error) {
    if (options.signal?.aborted) return undefined;
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

async function handshake(
  socket: Socket,
  host: string,
  tls: TlsOptions,
  options: DiagnoseOptions,
): Promise<TLSSocket> {
  const roots = tls.insecure ? undefined : trustedRoots(tls);
  const secure = connectTls({
    socket,
    host,
    ALPNProtocols: ["h2"],
    rejectUnauthorized: !tls.insecure,
    ...(roots && { ca: roots }),
    ...(!isIP(host) && { servername: host }),
  });
  try {
    await settle(secure, "secureConnect", options);
  } catch (error) {
    secure.destroy();
    const why = error === LATE
      ? `no answer within ${seconds(options)} s; possibly ${NARROW_PATH}`
      : reason(error);
    throw new StepError("tls", certificateAdvice(why, tls));
  }
  return secure;
}

/** The first frame of an HTTP/2 server is SETTINGS (RFC 9113 §3.4): type 4 at offset 3. */
async function greet(secure: TLSSocket, options: DiagnoseOptions): Promise<void> {
  if (secure.alpnProtocol !== "h2") {
    throw new StepError("http2", "it does not offer HTTP/2, so it is no gRPC server");
  }
  secure.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  secure.write(new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  try {
    const first = await settle(secure, "data", options) as Uint8Array;
    if (first[3] !== 4) {
      throw new StepError("http2", "it answers, but not in HTTP/2, so it is no gRPC server");
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    const why = error === LATE ? `it says nothing for ${seconds(options)} s` : reason(error);
    throw new StepError("http2", `the connection opens, but ${why}`);
  }
}

function certificateAdvice(why: string, tls: TlsOptions): string {
  const trust = tls.ca ? "tls.ca" : "the system's certificates";
  if (/self.signed|unable to (verify|get)|UnknownIssuer|unknown ca/i.test(why)) {
    return `its certificate is not signed by ${trust} (${why})`;
  }
  if (/expired/i.test(why)) return `its certificate has expired (${why})`;
  if (/altname|not match|NotValidForName/i.test(why)) {
    return `its certificate is for another name (${why})`;
  }
  return `the TLS handshake failed (${why})`;
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
