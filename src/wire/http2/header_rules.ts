/**
 * Which lists of headers are well-formed (RFC 9113 §8.1.1, §8.2, §8.3), as far as gRPC goes
 * (CONNECT tunnels and pushes are no part of it). Each function returns what is wrong, or
 * undefined.
 *
 * @module
 */
import { DEFAULT_TABLE, type Header, valueOf } from "./header_table.ts";

/** A token (RFC 9110 §5.6.2) without capitals. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Visible characters, with spaces and tabs within (RFC 9110 §5.5). */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** Fields of a connection, of which HTTP/2 has none (RFC 9113 §8.2.2). */
const OF_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** What is wrong with a request's headers. */
export function faultOfRequest(headers: readonly Header[]): string | undefined {
  const pseudo: Pseudo = [];
  return faultOfFields(headers, pseudo, REQUEST) ?? faultOfTarget(pseudo) ??
    repeated(headers, "host") ?? faultOfLength(headers);
}

/**
 * The same for the requests of a connection: most clients send one list again and again,
 * by the numbers that its fields have in the table.
 */
export class RequestRules {
  #faultless: readonly Header[] | undefined;

  /** @param size what the list counts; no more is remembered of it than the table may hold */
  fault(headers: readonly Header[], size: number): string | undefined {
    if (this.#faultless && isSame(headers, this.#faultless)) return undefined;
    const fault = faultOfRequest(headers);
    if (fault === undefined && size <= DEFAULT_TABLE) this.#faultless = headers;
    return fault;
  }
}

/** Whether the fields are not only equal, but those of the table: that costs nothing to find out. */
function isSame(a: readonly Header[], b: readonly Header[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** What is wrong with the headers of an answer. */
export function faultOfResponse(headers: readonly Header[]): string | undefined {
  const pseudo: Pseudo = [];
  const fault = faultOfFields(headers, pseudo, RESPONSE);
  if (fault !== undefined) return fault;
  const [status] = pseudo;
  if (status === undefined) return "no :status";
  if (!/^[1-9]\d\d$/.test(status)) return `:status is ${shown(status)}`;
  // RFC 9113 §8.6: there is no switching of protocols.
  if (status === "101") return ":status is 101";
  return faultOfLength(headers);
}

/** What is wrong with trailers, of either side. */
export function faultOfTrailers(headers: readonly Header[]): string | undefined {
  return faultOfFields(headers, [], TRAILERS);
}

/** Whether more headers follow before the answer proper (RFC 9110 §15.2). */
export function isInformational(headers: readonly Header[]): boolean {
  return valueOf(headers, ":status")?.startsWith("1") ?? false;
}

/** The `content-length` of a list without fault, where it has one. */
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

/** Names and values, and the pseudo-headers, which are put into `pseudo`. */
function faultOfFields(
  headers: readonly Header[],
  pseudo: Pseudo,
  kind: Kind,
): string | undefined {
  let regular = false;
  for (let at = 0; at < headers.length; at++) {
    const [name, value] = headers[at]!;
    if (!VALUE.test(value)) return `the value of ${shown(name)} has what no value may have`;
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

/** It may be empty: clients of a Unix socket have none. */
function faultOfAuthority(authority: string): string | undefined {
  return /[@\s]/.test(authority) ? `:authority is ${shown(authority)}` : undefined;
}

function faultOfLength(headers: readonly Header[]): string | undefined {
  const length = valueOf(headers, "content-length");
  if (length === undefined) return undefined;
  if (!/^\d{1,15}$/.test(length)) return `content-length is ${shown(length)}`;
  return repeated(headers, "content-length");
}

/** A field that is there with more than one value. */
function repeated(headers: readonly Header[], field: string): string | undefined {
  const first = valueOf(headers, field);
  if (first === undefined) return undefined;
  const another = headers.some(([name, value]) => name === field && value !== first);
  return another ? `more than one ${field}` : undefined;
}

/** For messages: short, and printable. Values of other fields are nobody's business. */
function shown(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  const code = (char: string) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `'${short.replace(/[^\x20-\x7e]/g, code)}'`;
}
