/** Connections through HTTP proxies. @module */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { concat } from "../../base/bytes.ts";
import { Deadline } from "../../base/deadline.ts";
import { formatEndpoint } from "../net/endpoint.ts";
import { trustedRoots } from "../net/trusted_roots.ts";
import { type Hop, nonsense, refusal, silent, unlikeHttp, unreachable } from "./failure.ts";
import { proxyAuthorization } from "./proxy.ts";

/** Bounds of a tunnel's opening. */
export interface TunnelBounds {
  /** Gives up; the error is its reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the proxy must have answered. @default 15_000: less than clients wait */
  readonly ms?: number;
}

const ANSWER_MS = 15_000;

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
  let asked = false;
  using deadline = deadlineOf(hop, bounds, () => asked);
  const { signal } = deadline;
  const socket = await dialProxy(hop, signal);
  asked = true;
  try {
    await ask(socket, hop, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
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
  bounds: TunnelBounds = {},
): Promise<void> {
  // An error that nobody listens to would end the process.
  stream.on("error", () => {});
  using deadline = deadlineOf(hop, bounds);
  await ask(stream, hop, deadline.signal);
}

function deadlineOf(
  hop: Hop,
  { signal, ms = ANSWER_MS }: TunnelBounds,
  asked: () => boolean = () => true,
): Deadline {
  const seconds = ms / 1000;
  const late = () =>
    asked() ? silent(hop, seconds) : unreachable(hop, `no answer within ${seconds} s`);
  return new Deadline({ ms, signal, late });
}

/** Connects to the proxy. @throws {ProxyFailed} and the signal's reason */
function dialProxy(hop: Hop, signal: AbortSignal): Promise<Socket> {
  const { secure, host, port } = hop.proxy;
  const socket = secure ? dialSecure(host, port) : connectTcp({ host, port });
  socket.setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  socket.once(secure ? "secureConnect" : "connect", () => resolve(socket));
  // Stays: an error that nobody listens to would end the process.
  socket.on("error", (error) => reject(unreachable(hop, error)));
  socket.once("close", () => reject(nonsense(hop, "closed the connection at once")));
  promise.catch(() => socket.destroy()).finally(() => signal.removeEventListener("abort", abort));
  return promise;
}

function dialSecure(host: string, port: number): Socket {
  const ca = trustedRoots({ insecure: false });
  return connectTls({ host, port, ...(ca && { ca }), ...(!isIP(host) && { servername: host }) });
}

/** Sends CONNECT and reads the answer, up to the end of its head. */
async function ask(stream: Duplex, hop: Hop, signal: AbortSignal): Promise<void> {
  const authority = formatEndpoint(hop.target);
  const headers = { host: authority, "user-agent": "jmp", ...proxyAuthorization(hop.proxy) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = readHead(stream, hop, signal);
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
