/** Endpoints in the config, and the `address` method that tells clients of them. @module */
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import { InvalidArgument, type UnaryCall, z } from "../../src/driver/mod.ts";

/** A TCP or UDP port; a quoted number is taken as well, as the official drivers do. */
export const portSchema = z.preprocess(
  (value) => typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value,
  z.int().min(1).max(65_535),
);

/** The config of a driver that talks to a port of a host. */
export const hostPortSchema = z.strictObject({
  host: z.string().min(1),
  port: portSchema,
  enable_address: z.boolean().default(true),
});

/** @see hostPortSchema */
export type HostPort = z.output<typeof hostPortSchema>;

/** `host:port`, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The `address` call: what `address` returns, unless the config forbids to tell. */
export function addressCall(
  config: { readonly enable_address: boolean },
  address: () => string | Promise<string>,
): UnaryCall {
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
