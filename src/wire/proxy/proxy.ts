/** HTTP proxies, as an environment names them. @module */
import { Buffer } from "node:buffer";
import { concat } from "../../base/bytes.ts";
import { type Endpoint, formatEndpoint } from "../net/endpoint.ts";

/** Reads an environment variable. */
export type Environment = (name: string) => string | undefined;

/** An HTTP proxy that connects to others on request (CONNECT, RFC 9110 §9.3.6). */
export interface Proxy extends Endpoint {
  /** Whether the proxy itself is spoken to in TLS. */
  readonly secure: boolean;
  /** `user:password`, without the percent-encoding of URLs. */
  readonly credentials?: Uint8Array;
  /** The variable or option that names it: `https_proxy`. */
  readonly source: string;
}

const PARTS = /^(https?):\/\/(?:([^/?#]*)@)?(\[[^\]@]+\]|[^/?#:[\]@]+)(?::(\d{1,5}))?(?:[/?#]|$)/i;

/**
 * Reads `http://[USER:PASSWORD@]HOST[:PORT]`; a path is ignored.
 *
 * @param ports those of a URL without one. @default 80 and, with TLS, 443
 * @returns undefined if it is no such URL
 */
export function parseProxy(
  url: string,
  source: string,
  ports: { readonly http: number } = { http: 80 },
): Proxy | undefined {
  const [, scheme, user, host, digits] = PARTS.exec(url) ?? [];
  if (!scheme || !host) return undefined;
  const secure = scheme.toLowerCase() === "https";
  const port = digits === undefined ? secure ? 443 : ports.http : Number(digits);
  if (port < 1 || port > 65535) return undefined;
  return {
    secure,
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    source,
    ...(user && { credentials: percentDecoded(user) }),
  };
}

/** The proxy for messages, without its credentials: `the proxy 10.0.0.1:3128 (https_proxy)`. */
export function describeProxy(proxy: Proxy): string {
  return `the proxy ${proxy.secure ? "https://" : ""}${formatEndpoint(proxy)} (${proxy.source})`;
}

/** The header by which a proxy knows its user (RFC 7617). */
export function proxyAuthorization({ credentials }: Proxy): Record<string, string> {
  if (!credentials) return {};
  return { "proxy-authorization": `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** Bytes, as a password need not be UTF-8. A percent sign that encodes nothing stays. */
function percentDecoded(text: string): Uint8Array {
  const parts = text.split(/(%[0-9a-f]{2})/i).map((part, index) =>
    index % 2 === 1 ? Uint8Array.of(parseInt(part.slice(1), 16)) : new TextEncoder().encode(part)
  );
  return concat(parts);
}
