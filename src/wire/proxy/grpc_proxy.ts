/**
 * Which connections of gRPC go through a proxy: the rules of gRPC core (its http_proxy_mapper),
 * by which official exporters and clients reach controllers, routers and direct listeners.
 *
 * @module
 */
import type { ChannelOptions } from "../grpc/channel_options.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { isExempt } from "./no_proxy.ts";
import { describeProxy, type Environment, parseProxy, type Proxy } from "./proxy.ts";

/** How an endpoint is reached. */
export interface Route {
  /** None if the connection is direct. */
  readonly proxy?: Proxy;
  /** The way and what decided it, after "… is reached"; undefined if nothing names a proxy. */
  readonly reason?: string;
  /** Whether a proxy is named and cannot be used: a warning is due. */
  readonly unusable?: boolean;
}

/** The first that is set decides, even if it is empty, which means: no proxy. */
const VARIABLES = ["grpc_proxy", "https_proxy", "http_proxy"];
const EXEMPTIONS = ["no_grpc_proxy", "no_proxy"];

/** gRPC core takes the port of a name without one for that of HTTPS, for proxies as well. */
const PORTS = { http: 443 };

/**
 * The way to `target`. The option `grpc.http_proxy` names a proxy before the environment does, and
 * `grpc.enable_http_proxy: 0` forbids them all. gRPC core reads no variables in upper case.
 */
export function grpcRoute(
  target: Endpoint,
  options: ChannelOptions = {},
  env: Environment = (name) => Deno.env.get(name),
): Route {
  const named = nameOf(options, env);
  if (options["grpc.enable_http_proxy"] === 0) return {};
  if (!named) return ignored(env);
  const { source, value } = named;
  if (value === "") return { reason: `directly, as ${source} is empty` };
  const proxy = parseProxy(value, source, PORTS);
  if (!proxy || proxy.secure) {
    return { unusable: true, reason: `directly: ${problemOf(source, proxy)}` };
  }
  const exemption = firstSet(EXEMPTIONS, env);
  if (exemption && isExempt(target, exemption.value)) {
    return { reason: `directly, as ${exemption.source} names it, not through ${source}` };
  }
  return { proxy, reason: `through ${describeProxy(proxy)}` };
}

interface Setting {
  readonly source: string;
  readonly value: string;
}

function nameOf(options: ChannelOptions, env: Environment): Setting | undefined {
  const option = "grpc.http_proxy";
  const value = options[option];
  if (value !== undefined) return { source: option, value: String(value) };
  return firstSet(VARIABLES, env);
}

function firstSet(names: readonly string[], env: Environment): Setting | undefined {
  for (const source of names) {
    const value = env(source);
    if (value !== undefined) return { source, value };
  }
  return undefined;
}

/** The route where no variable counts: names the one that was probably meant to. */
function ignored(env: Environment): Route {
  const meant = firstSet(VARIABLES.map((name) => name.toUpperCase()), env);
  return meant?.value
    ? { reason: `directly, as gRPC reads ${meant.source} in lower case only` }
    : {};
}

/** The value is not shown: it may hold a password, and is not understood. */
function problemOf(source: string, proxy: Proxy | undefined): string {
  const form = `write ${source}=http://<host>:<port> or http://<user>:<password>@<host>:<port>`;
  return proxy
    ? `${source} names an https:// proxy, and gRPC uses http:// proxies only; ${form}`
    : `${source} is no http:// address of a proxy; ${form}, with / ? # @ and % in the password ` +
      "as %2F %3F %23 %40 %25";
}
