/** Endpoints as text, and the `address` method that reports them to clients. @module */
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { InvalidArgument, type UnaryMethod } from "../../src/driver/mod.ts";
import type { HostPort } from "./config.ts";

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The `address` call; it fails if the config does not allow it. */
export function addressCall(
  config: { readonly enable_address: boolean },
  address: () => string | Promise<string>,
): UnaryMethod {
  return () => {
    if (config.enable_address) return address();
    throw new InvalidArgument("enable_address mode is not true in the exporter configuration");
  };
}

/** `scheme://IP:port`; a host that cannot be resolved stays as it is. */
export async function resolvedUrl(scheme: string, { host, port }: HostPort): Promise<string> {
  return `${scheme}://${hostPort(await firstAddress(host), port)}`;
}

async function firstAddress(host: string): Promise<string> {
  if (isIP(host)) return host;
  try {
    return (await lookup(host, { order: "verbatim" })).address;
  } catch {
    return host;
  }
}
