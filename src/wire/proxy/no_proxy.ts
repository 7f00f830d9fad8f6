/** `no_proxy`: the hosts that are reached without a proxy. @module */
import { BlockList, isIP, isIPv6 } from "node:net";
import type { Endpoint } from "../net/endpoint.ts";

/**
 * Whether `list` names the host. Its entries are hosts and domains with all their subdomains
 * (`lab.example`, `.lab.example`), addresses, and networks (`10.0.0.0/8`, `fd00::/8`), as gRPC core
 * reads them. Three things that gRPC core ignores are taken as other programs take them: an entry
 * with a port holds for that port only, `*` stands for any characters, and blanks separate, too.
 */
export function isExempt({ host, port }: Endpoint, list: string): boolean {
  const name = host.toLowerCase();
  return list.toLowerCase().split(/[\s,]+/).filter(Boolean).some((entry) => {
    const [, network, bits] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
    if (network) return isWithin(name, network, Number(bits));
    if (isIPv6(entry)) return isWithin(name, entry, 128);
    const [, bracketed, plain = entry, only] = /^(?:\[(.+)\]|(.+?))(?::(\d+))?$/.exec(entry) ?? [];
    if (only !== undefined && Number(only) !== port) return false;
    return bracketed ? isWithin(name, bracketed, 128) : isNamed(name, plain);
  });
}

/** Whether `name` is the domain `entry` or below it. */
function isNamed(name: string, entry: string): boolean {
  const domain = entry.replace(/^\*?\./, "");
  if (domain.includes("*")) return new RegExp(`^${pattern(domain)}$`).test(name);
  return name === domain || name.endsWith(`.${domain}`);
}

function pattern(wildcards: string): string {
  return wildcards.split(/\*+/).map((text) => text.replace(/\W/g, "\\$&")).join(".*");
}

/** Whether `host` is an address whose first `bits` are those of `network`; too many mean all. */
function isWithin(host: string, network: string, bits: number): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Math.min(bits, family === 6 ? 128 : 32), type);
  return list.check(host, type);
}
