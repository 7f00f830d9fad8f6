/** The proxies that the environment names, as curl and Python's requests read them. @module */
import { Buffer } from "node:buffer";
import { request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { BlockList, isIP, isIPv6, type Socket } from "node:net";
import { ConnectionFailed, messageOf } from "../../wire/error.ts";
import { type Address, parseAddress } from "./address.ts";

/** Reads an environment variable. */
type Environment = (name: string) => string | undefined;

/**
 * The proxy for an address: of `http_proxy`, `https_proxy` or `all_proxy`, in lower or upper
 * case, unless `no_proxy` names the host.
 *
 * @throws {InvalidArgument} if the variable holds neither `host:port` nor http://… or https://…
 */
export function proxyFor(
  address: Address,
  env: Environment = (name) => Deno.env.get(name),
): Address | undefined {
  const read = (name: string) => env(name) || env(name.toUpperCase()) || undefined;
  const proxy = read(address.secure ? "https_proxy" : "http_proxy") ?? read("all_proxy");
  if (proxy === undefined || isExempt(address, read("no_proxy") ?? "")) return undefined;
  return parseAddress(/^[a-z\d+.-]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`);
}

/** `no_proxy`: `*`, or hosts, domains, networks as 10.0.0.0/8, each with an optional port. */
function isExempt({ host, port }: Address, list: string): boolean {
  const name = host.toLowerCase();
  return list.split(",").map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === "") return false;
    if (entry === "*") return true;
    const [, network, bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
    if (network) return isIP(name) !== 0 && isWithin(name, network, Number(bits));
    const [, found, only] = /^(?:\[?([^\]]+?)\]?)(?::(\d+))?$/.exec(entry) ?? [];
    const domain = (isIPv6(entry) ? entry : found ?? entry).replace(/^\*?\./, "");
    const portFits = isIPv6(entry) || only === undefined || Number(only) === port;
    return portFits && (name === domain || name.endsWith(`.${domain}`));
  });
}

function isWithin(host: string, network: string, bits: number): boolean {
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  try {
    const list = new BlockList();
    list.addSubnet(network, bits, family);
    return list.check(host, isIPv6(host) ? "ipv6" : "ipv4");
  } catch {
    return false;
  }
}

/** The header by which a proxy knows its user. */
export function proxyAuthorization({ user }: Address): Record<string, string> {
  if (user === undefined) return {};
  return { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
}

/**
 * Asks a proxy for a tunnel (RFC 9110 §9.3.6).
 *
 * @throws {ConnectionFailed} if the proxy refuses or cannot be reached.
 */
export async function openTunnel(
  proxy: Address,
  { host, port }: Address,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const request = (proxy.secure ? requestSecure : requestPlain)({
    method: "CONNECT",
    host: proxy.host,
    port: proxy.port,
    path: authority,
    headers: { host: authority, ...proxyAuthorization(proxy) },
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const abort = () => request.destroy(signal.reason);
  signal.addEventListener("abort", abort);
  request.once("error", (cause) => reject(unreachable(proxy, cause)));
  request.once("connect", ({ statusCode = 0 }, socket: Socket) => {
    if (statusCode >= 200 && statusCode < 300) return resolve(socket);
    socket.destroy();
    reject(refusal(proxy, statusCode));
  });
  request.once("response", (response) => {
    response.destroy();
    reject(refusal(proxy, response.statusCode ?? 0));
  });
  request.end();
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function unreachable({ host, port }: Address, cause: Error): ConnectionFailed {
  const why = messageOf(cause);
  return new ConnectionFailed(`the proxy ${host}:${port} cannot be reached: ${why}`, { cause });
}

function refusal({ host, port }: Address, status: number): ConnectionFailed {
  return new ConnectionFailed(`the proxy ${host}:${port} refuses the connection, status ${status}`);
}
