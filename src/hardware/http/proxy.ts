/** The proxies that the environment names, as Python's libraries read them. @module */
import { InvalidArgument } from "../../wire/error.ts";
import { isExempt } from "../../wire/proxy/no_proxy.ts";
import { type Environment, parseProxy, type Proxy } from "../../wire/proxy/proxy.ts";
import type { Address } from "./address.ts";

/**
 * The proxy for an address, as for curl and Python's requests: of `http_proxy`, `https_proxy` or
 * `all_proxy`, in lower or upper case, unless `no_proxy` names the host.
 *
 * @throws {InvalidArgument} if the variable holds neither `host:port` nor http://… or https://…
 */
export function proxyFor(
  address: Address,
  env: Environment = (name) => Deno.env.get(name),
): Proxy | undefined {
  return firstOf([address.secure ? "https_proxy" : "http_proxy", "all_proxy"], address, env);
}

/**
 * The proxy for a WebSocket at an address, as for Python's websockets: `wss_proxy` or
 * `https_proxy`, and without TLS `ws_proxy`, `https_proxy` or `http_proxy`. It is asked for a
 * tunnel in either case.
 *
 * @throws {InvalidArgument} as {@linkcode proxyFor}
 */
export function webSocketProxyFor(
  address: Address,
  env: Environment = (name) => Deno.env.get(name),
): Proxy | undefined {
  const names = ["ws_proxy", "https_proxy", "http_proxy"];
  return firstOf(address.secure ? ["wss_proxy", "https_proxy"] : names, address, env);
}

function firstOf(
  names: readonly string[],
  address: Address,
  env: Environment,
): Proxy | undefined {
  const find = (name: string) => [name, name.toUpperCase()].find((variable) => env(variable));
  const source = names.map(find).find((found) => found !== undefined);
  const exempt = find("no_proxy");
  if (source === undefined || isExempt(address, exempt ? env(exempt)! : "")) return undefined;
  const value = env(source)!;
  const proxy = parseProxy(/^[a-z\d+.-]+:\/\//i.test(value) ? value : `http://${value}`, source);
  if (proxy) return proxy;
  throw new InvalidArgument(
    `Cannot use the proxy in ${source}: expected http://<host>:<port> or http://<user>:<password>@<host>:<port>, ` +
      "percent-encoded, found something else",
  );
}
