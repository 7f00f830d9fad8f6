/**
 * Checks lists of headers (RFC 9113 §8.1.1, §8.2, §8.3) as far as gRPC needs it; it has no CONNECT
 * tunnels and no pushes. Each function returns a description of the fault, or undefined.
 *
 * @module
 */
import { DEFAULT_TABLE, type Header, valueOf } from "./header_table.ts";

/** A lower-case token (RFC 9110 §5.6.2). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Visible characters, with spaces and tabs within (RFC 9110 §5.5). */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Connection-specific fields, which HTTP/2 forbids (RFC 9113 §8.2.2). */
const OF_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** The fault of a request's headers. */
export function faultOfRequest(headers: readonly Header[]): string | undefined {
  const pseudo: Pseudo = [];
  return faultOfFields(headers, pseudo, REQUEST) ?? faultOfTarget(pseudo) ??
    repeated(headers, "host") ?? faultOfLength(headers);
}

/**
 * Checks the requests of one connection. Most clients send the same list repeatedly, as references
 * to the HPACK table, so the last list without a fault is remembered.
 */
export class RequestRules {
  #faultless: readonly Header[] | undefined;

  /** @param size the list's size; lists larger than the table are not remembered */
  fault(headers: readonly Header[], size: number): string | undefined {
    if (this.#faultless && isSame(headers, this.#faultless)) return undefined;
    const fault = faultOfRequest(headers);
    if (fault === undefined && size <= DEFAULT_TABLE) this.#faultless = headers;
    return fault;
  }
}

/** Whether the fields are the same objects of the table, which is cheaper than comparing texts. */
function isSame(a: readonly Header[], b: readonly Header[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** The fault of a response's headers. */
export function faultOfResponse(headers: readonly Header[]): string | undefined {
  const pseudo: Pseudo = [];
  const fault = faultOfFields(headers, pseudo, RESPONSE);
  if (fault !== undefined) return fault;
  const [status] = pseudo;
  if (status === undefined) return "no :status";
  if (!/^[1-9]\d\d$/.test(status)) return `:status is ${shown(status)}`;
  // RFC 9113 §8.6: HTTP/2 does not switch protocols.
  if (status === "101") return ":status is 101";
  return faultOfLength(headers);
}

/** The fault of trailers, of either side. */
export function faultOfTrailers(headers: readonly Header[]): string | undefined {
  return faultOfFields(headers, [], TRAILERS);
}

/** Whether these are the headers of an interim response (RFC 9110 §15.2). */
export function isInformational(headers: readonly Header[]): boolean {
  return valueOf(headers, ":status")?.startsWith("1") ?? false;
}

/** The `content-length` of a list without a fault, if it has one. */
export function contentLength(headers: readonly Header[]): number | undefined {
  const value = valueOf(headers, "content-length");
  return value === undefined ? undefined : Number(value);
}

/** The values of pseudo-headers, in the order of their kind. */
type Pseudo = (string | undefined)[];

interface Kind {
  /** The pseudo-headers that it may have. */
  readonly pseudo: readonly string[];
  /** Whether it may have `te: trailers`. */
  readonly te: boolean;
}

const REQUEST: Kind = {
  pseudo: [":method", ":scheme", ":path", ":authority"],
  te: true,
};
const RESPONSE: Kind = { pseudo: [":status"], te: false };
const TRAILERS: Kind = { pseudo: [], te: false };
const COLON = 0x3a;

/** Checks names and values, and collects the pseudo-headers in `pseudo`. */
function faultOfFields(
  headers: readonly Header[],
  pseudo: Pseudo,
  kind: Kind,
): string | undefined {
  let regular = false;
  for (let at = 0; at < headers.length; at++) {
    const [name, value] = headers[at]!;
    if (!VALUE.test(value)) return `the value of ${shown(name)} has a forbidden character`;
    if (name.charCodeAt(0) === COLON) {
      if (regular) return `${shown(name)} after other headers`;
      const place = kind.pseudo.indexOf(name);
      if (place < 0) return `${shown(name)} does not belong there`;
      if (pseudo[place] !== undefined) return `more than one ${name}`;
      pseudo[place] = value;
      continue;
    }
    regular = true;
    if (!NAME.test(name)) return `a header is called ${shown(name)}`;
    if (OF_CONNECTION.has(name)) return `${name} does not exist in HTTP/2`;
    if (name === "te" && !(kind.te && value === "trailers")) return `te is ${shown(value)}`;
  }
  return undefined;
}

function faultOfTarget([method, scheme, path, authority]: Pseudo): string | undefined {
  if (method === undefined) return "no :method";
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method)) return `:method is ${shown(method)}`;
  if (method === "CONNECT") return faultOfConnect(scheme ?? path, authority);
  if (scheme === undefined) return "no :scheme";
  if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) return `:scheme is ${shown(scheme)}`;
  if (path === undefined) return "no :path";
  const everything = method === "OPTIONS" && path === "*";
  if (!everything && !/^\/[\x21-\x7e]*$/.test(path)) return `:path is ${shown(path)}`;
  return faultOfAuthority(authority ?? "");
}

/** RFC 9113 §8.5 */
function faultOfConnect(target: string | undefined, authority = ""): string | undefined {
  if (target !== undefined) return "CONNECT with :scheme or :path";
  return authority === "" ? "CONNECT without :authority" : faultOfAuthority(authority);
}

/** The authority may be empty: clients of a Unix socket have none. */
function faultOfAuthority(authority: string): string | undefined {
  return /[@\s]/.test(authority) ? `:authority is ${shown(authority)}` : undefined;
}

function faultOfLength(headers: readonly Header[]): string | undefined {
  const length = valueOf(headers, "content-length");
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) return `content-length is ${shown(length)}`;
  return repeated(headers, "content-length");
}

/** The fault of a field that has more than one value. */
function repeated(headers: readonly Header[], field: string): string | undefined {
  const first = valueOf(headers, field);
  if (first === undefined) return undefined;
  const another = headers.some(([name, value]) => name === field && value !== first);
  return another ? `more than one ${field}` : undefined;
}

/** Text for messages: short and printable. */
function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  const code = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `'${short.replace(/[^\x20-\x7e]/g, code)}'`;
}
