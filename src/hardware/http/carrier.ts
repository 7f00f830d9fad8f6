/** The connection of a request where the environment names a proxy. @module */
import type { IncomingMessage } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { InvalidArgument, messageOf } from "../../wire/error.ts";
import { answered, type Hop, ProxyFailed } from "../../wire/proxy/failure.ts";
import { dialProxy, dialThrough, established } from "../../wire/proxy/tunnel.ts";
import type { Address } from "./address.ts";
import { proxyFor } from "./proxy.ts";

/** A connection for a request. */
export interface Carrier {
  readonly socket: Socket;
  /** Set where the proxy receives the request itself. */
  readonly hop?: Hop;
}

/** Whether proxies apply, and what ends the wait for them. */
export interface CarrierOptions {
  /** With `optional` the connection is direct where the proxy cannot be used. */
  readonly proxies?: boolean | "optional" | undefined;
  readonly signal: AbortSignal;
}

/** Statuses by which a proxy refuses to pass a request on; servers use them, too. */
const NOT_PASSED_ON = new Set([403, 407, 502, 503, 504]);

/** The problem of an answer that may be the proxy's own refusal to pass the request on. */
export function refusalBy(hop: Hop | undefined, answer: IncomingMessage): string | undefined {
  const { statusCode = 0, statusMessage } = answer;
  return hop && NOT_PASSED_ON.has(statusCode)
    ? answered(hop, statusCode, statusMessage)
    : undefined;
}

/** Longest time to connect directly after a proxy has refused, in milliseconds. */
const DIRECT_MS = 5_000;

/**
 * Connects to the proxy for `address` and, for TLS, through it; undefined if there is none.
 *
 * @throws {ProxyFailed} naming the proxy, its answer and the remedy
 * @throws {InvalidArgument} for a variable that names no proxy
 * @throws the reason of `signal`
 */
export async function carrierFor(
  address: Address,
  options: CarrierOptions,
): Promise<Carrier | undefined> {
  const hop = hopTo(address, options);
  if (!hop) return undefined;
  const { signal, proxies } = options;
  try {
    if (!address.secure) return { socket: await dialProxy(hop, { signal }), hop };
    return { socket: await dialThrough(hop, { signal }) };
  } catch (error) {
    if (proxies !== "optional" || !(error instanceof ProxyFailed)) throw error;
    return { socket: await dialDirectly(address, signal, error) };
  }
}

function hopTo(address: Address, { proxies }: CarrierOptions): Hop | undefined {
  try {
    const proxy = proxies ? proxyFor(address) : undefined;
    return proxy && { proxy, target: address };
  } catch (error) {
    if (proxies === "optional" && error instanceof InvalidArgument) return undefined;
    throw error;
  }
}

async function dialDirectly(
  { host, port }: Address,
  signal: AbortSignal,
  refused: ProxyFailed,
): Promise<Socket> {
  try {
    const socket = connectTcp({ host, port });
    return await established(socket, "connect", { signal, ms: DIRECT_MS });
  } catch (cause) {
    signal.throwIfAborted();
    throw new ProxyFailed(`${refused.message}; directly: ${messageOf(cause)}`, { cause });
  }
}
