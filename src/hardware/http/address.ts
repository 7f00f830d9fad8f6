/**
 * Addresses of HTTP. The signature of a presigned request covers the address as it is written,
 * so path and query are kept verbatim, where the usual parsers encode them anew.
 *
 * @module
 */
import { InvalidArgument } from "../../wire/error.ts";

/** The parts of an address. */
export interface Address {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query, verbatim. */
  readonly target: string;
  /** `user:password`, decoded, if the address has it. */
  readonly user?: string;
}

const PARTS = /^(https?):\/\/(?:([^/?#]*)@)?(\[[^\]]+\]|[^/?#:[\]]+)(?::(\d{1,5}))?([^#]*)/i;

/** Characters that would end a line or a word of a request. */
const UNSENDABLE = /[\0- \x7f]/;

/** @throws {InvalidArgument} unless `url` begins with http:// or https:// and can be sent. */
export function parseAddress(url: string): Address {
  const [, scheme, user, host, port, target] = PARTS.exec(url) ?? [];
  if (!scheme || !host || !/^(?:[/?]|$)/.test(target!) || Number(port ?? 0) > 65535) {
    throw new InvalidArgument(
      `Cannot use the address ${redact(url)}: expected http://… or https://…`,
    );
  }
  if (UNSENDABLE.test(target!)) {
    throw new InvalidArgument(
      `Cannot use the address ${redact(url)}: expected blanks and control characters in it to ` +
        "be percent-encoded",
    );
  }
  const secure = scheme.toLowerCase() === "https";
  return {
    secure,
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port: port ? Number(port) : secure ? 443 : 80,
    target: target!.startsWith("/") ? target! : `/${target}`,
    ...(user !== undefined && { user: decoded(user) }),
  };
}

/** Decodes percent signs, unless one of them encodes nothing. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address that a redirect leads to: verbatim, unless it is relative to `url`. */
export function follow(url: string, location: string): string {
  return /^https?:\/\//i.test(location) ? location : new URL(location, url).href;
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
