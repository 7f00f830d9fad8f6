/** Connections through HTTP proxies. @module */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { concat } from "../../base/bytes.ts";
import { Deadline, withDeadline } from "../../base/deadline.ts";
import { formatEndpoint } from "../net/endpoint.ts";
import { trustedRoots } from "../net/trusted_roots.ts";
import { type Hop, nonsense, refusal, silent, unlikeHttp, unreachable } from "./failure.ts";
import { proxyAuthorization } from "./proxy.ts";

/** Bounds of a step. */
export interface TunnelBounds {
  /** Gives up; the error is its reason. */
  readonly signal?: AbortSignal;
  /** Longest step in milliseconds. @default 5_000 to reach the proxy, and 10_000 for its answer */
  readonly ms?: number | undefined;
}

/** Together less than clients wait. */
const REACH_MS = 5_000, ANSWER_MS = 10_000;

/** Longest head of a proxy's answer, in bytes: as much as Node's HTTP takes. */
const MAX_HEAD = 16 * 1024;

const STATUS_LINE = "HTTP/1.";

/**
 * Connects to the proxy and through it to the target, whose name the proxy resolves. The bytes of
 * the socket are then the target's; it is paused.
 *
 * @throws {ProxyFailed} naming the proxy, its answer and the remedy, and the signal's reason
 */
export async function dialThrough(hop: Hop, bounds: TunnelBounds = {}): Promise<Socket> {
  const socket = await dialProxy(hop, bounds);
  try {
    await requestTunnel(socket, hop, bounds);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Connects to the proxy alone. @throws {ProxyFailed} and the signal's reason */
export async function dialProxy(
  hop: Hop,
  { signal, ms = REACH_MS }: TunnelBounds = {},
): Promise<Socket> {
  const { secure, host, port } = hop.proxy;
  const socket = secure ? dialSecure(host, port) : connectTcp({ host, port });
  try {
    return await established(socket, secure ? "secureConnect" : "connect", { signal, ms });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreachable(hop, error);
  }
}

/**
 * Waits until `socket` is connected; else it is destroyed.
 *
 * @param event tells that it is
 * @throws {Error} that of the socket, one that names `ms`, and the signal's reason
 */
export async function established(
  socket: Socket,
  event: "connect" | "secureConnect",
  { signal, ms }: { readonly signal?: AbortSignal | undefined; readonly ms: number },
): Promise<Socket> {
  socket.setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once(event, () => resolve(socket));
  // Stays: an error that nobody listens to would end the process.
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("the connection was closed at once")));
  try {
    const late = () => new Error(`no answer within ${ms / 1000} s`);
    return await withDeadline(promise, { ms, signal, late });
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function dialSecure(host: string, port: number): Socket {
  const ca = trustedRoots({ insecure: false });
  return connectTls({ host, port, ...(ca && { ca }), ...(!isIP(host) && { servername: host }) });
}

/**
 * Asks the proxy at the other end of `stream` to connect it to the target. The stream is then
 * paused, and what follows the answer is its first bytes.
 *
 * @throws {ProxyFailed} naming the proxy, its answer and the remedy, and the signal's reason
 */
export async function requestTunnel(
  stream: Duplex,
  hop: Hop,
  { signal, ms = ANSWER_MS }: TunnelBounds = {},
): Promise<void> {
  // An error that nobody listens to would end the process.
  stream.on("error", () => {});
  const authority = formatEndpoint(hop.target);
  const headers = { host: authority, "user-agent": "jmp", ...proxyAuthorization(hop.proxy) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  using deadline = new Deadline({ ms, signal, late: () => silent(hop, ms / 1000) });
  const answer = readHead(stream, hop, deadline.signal);
  stream.write(`CONNECT ${authority} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const head = await answer;
  const [, status] = /^HTTP\/1\.\d +(\d{3})(?!\d)/.exec(head) ?? [];
  if (status === undefined) throw nonsense(hop, unlikeHttp(new TextEncoder().encode(head)));
  if (!status.startsWith("2")) throw refusal(hop, Number(status), head);
}

function readHead(stream: Duplex, hop: Hop, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let bytes = new Uint8Array();
  const data = (chunk: Uint8Array) => {
    bytes = concat([bytes, chunk]);
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, MAX_HEAD));
    const [end] = /\r?\n\r?\n/.exec(text) ?? [];
    if (!text.startsWith(STATUS_LINE.slice(0, text.length))) {
      return reject(nonsense(hop, unlikeHttp(bytes)));
    }
    if (end !== undefined) {
      const length = text.indexOf(end) + end.length;
      stream.pause();
      if (length < bytes.length) stream.unshift(bytes.subarray(length));
      return resolve(text.slice(0, length));
    }
    if (bytes.length < MAX_HEAD) return;
    reject(nonsense(hop, `answers with a head of more than ${MAX_HEAD} bytes`));
  };
  const failed = (error: Error) => reject(unreachable(hop, error));
  const ended = () => reject(nonsense(hop, "closed the connection before it had answered"));
  const abort = () => reject(signal.reason);
  const events = { data, error: failed, end: ended, close: ended } as const;
  for (const [event, listener] of Object.entries(events)) stream.on(event, listener);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return promise.finally(() => {
    for (const [event, listener] of Object.entries(events)) stream.off(event, listener);
    signal.removeEventListener("abort", abort);
  });
}
