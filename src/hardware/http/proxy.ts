/** The proxies that the environment names for HTTP, as curl and Python's requests read them. @module */
import { InvalidArgument } from "../../wire/error.ts";
import { isExempt } from "../../wire/proxy/no_proxy.ts";
import { type Environment, parseProxy, type Proxy } from "../../wire/proxy/proxy.ts";
import type { Address } from "./address.ts";

/**
 * The proxy for an address: of `http_proxy`, `https_proxy` or `all_proxy`, in lower or upper
 * case, unless `no_proxy` names the host.
 *
 * @throws {InvalidArgument} if the variable holds neither `host:port` nor http://… or https://…
 */
export function proxyFor(
  address: Address,
  env: Environment = (name) => Deno.env.get(name),
): Proxy | undefined {
  const find = (name: string) => [name, name.toUpperCase()].find((variable) => env(variable));
  const source = find(address.secure ? "https_proxy" : "http_proxy") ?? find("all_proxy");
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
