/**
 * Addresses of HTTP. The signature of a presigned request covers the address as it is written,
 * so path and query are kept verbatim, where the usual parsers encode them anew. Only what no
 * request can contain is encoded, as browsers and the official exporter's aiohttp do: blanks and
 * characters beyond ASCII, and names of hosts in other scripts.
 *
 * @module
 */
import { domainToASCII } from "node:url";
import { codePoint } from "../../text/code_point.ts";
import { InvalidArgument } from "../../wire/error.ts";

/** The parts of an address. */
export interface Address {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query, verbatim but for characters that cannot be sent. */
  readonly target: string;
  /** `user:password`, decoded, if the address has it. */
  readonly user?: string;
}

const PARTS = /^(https?):\/\/(?:([^/?#]*)@)?(\[[^\]]+\]|[^/?#:[\]]+)(?::(\d{1,5}))?([^#]*)/i;

/** Characters that would end a line of a request. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;

/** @throws {InvalidArgument} unless `url` begins with http:// or https:// and can be sent. */
export function parseAddress(url: string): Address {
  const [, scheme, user, host, port, target] = PARTS.exec(url.trim()) ?? [];
  if (!scheme || !host || !/^(?:[/?]|$)/.test(target!) || Number(port ?? 0) > 65535) {
    throw new InvalidArgument(
      `Cannot use the address ${redact(url)}: expected http://… or https://…`,
    );
  }
  const [control] = CONTROL.exec(host + target) ?? [];
  if (control !== undefined) {
    throw new InvalidArgument(
      `Cannot use the address ${redact(url)}: expected control characters in it to be ` +
        `percent-encoded, found ${codePoint(control)}`,
    );
  }
  const secure = scheme.toLowerCase() === "https";
  return {
    secure,
    host: asciiHost(host, url).replace(/^\[(.*)\]$/, "$1"),
    port: port ? Number(port) : secure ? 443 : 80,
    target: encoded(target!.startsWith("/") ? target! : `/${target}`),
    ...(user !== undefined && { user: decoded(user) }),
  };
}

/** The name of a host in the letters of DNS: `münchen.lab` is `xn--mnchen-3ya.lab` (RFC 5891). */
function asciiHost(host: string, url: string): string {
  if (/^[!-~]+$/.test(host)) return host;
  const name = /\s/.test(host) ? "" : domainToASCII(host);
  if (name !== "") return name;
  throw new InvalidArgument(
    `Cannot use the address ${redact(url)}: expected the name of a host, found ` +
      `${JSON.stringify(host)}`,
  );
}

/** Encodes blanks and characters beyond ASCII as UTF-8 (RFC 3987 §3.1). */
function encoded(target: string): string {
  return target.replace(/[^!-~]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}

/** Decodes percent signs, unless one of them encodes nothing. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The address that a redirect leads to: verbatim, unless it is relative to `url`.
 *
 * @param location as node gives it, with a character for each byte.
 */
export function follow(url: string, location: string): string {
  const text = headerText(location).trim();
  return /^https?:\/\//i.test(text) ? text : new URL(text, url).href;
}

/** The text of a header: UTF-8, or Latin-1 if it is none. */
function headerText(bytes: string): string {
  try {
    const octets = Uint8Array.from(bytes, (char) => char.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true }).decode(octets);
  } catch {
    return bytes;
  }
}

/** Whether both have the same scheme, host and port. */
export function sameOrigin(one: string, other: string): boolean {
  const [a, b] = [parseAddress(one), parseAddress(other)];
  return a.secure === b.secure && a.port === b.port &&
    a.host.toLowerCase() === b.host.toLowerCase();
}

/** `url` for messages: without user, password, query and fragment. */
export function redact(url: string): string {
  return url.replace(/^([a-z]+:\/\/)[^/?#]*@/i, "$1").replace(/[?#].*$/s, "?[REDACTED]");
}
