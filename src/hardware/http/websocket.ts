/** Connections of WebSockets through proxies. @module */
import type { Socket } from "node:net";
import { dialThrough } from "../../wire/proxy/tunnel.ts";
import { parseAddress } from "./address.ts";
import { webSocketProxyFor } from "./proxy.ts";

/**
 * Connects to the host of a `ws://` or `wss://` address through the proxy that the environment
 * names for it; undefined if it names none.
 *
 * @throws {ConnectionFailed} naming the proxy, its answer and the remedy
 * @throws {InvalidArgument} if the variable names no proxy
 */
export async function webSocketCarrier(
  url: string,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  const target = parseAddress(url.replace(/^ws/i, "http"));
  const proxy = webSocketProxyFor(target);
  return proxy && await dialThrough({ proxy, target }, { signal });
}
