/** The static and dynamic tables of HPACK (RFC 7541 §2.3). @module */

/** A header field: lower-case name, Latin-1 value. */
export type Header = readonly [name: string, value: string];

/** RFC 7541 Appendix A. */
export const STATIC: readonly Header[] = [
  [":authority", ""],
  [":method", "GET"],
  [":method", "POST"],
  [":path", "/"],
  [":path", "/index.html"],
  [":scheme", "http"],
  [":scheme", "https"],
  [":status", "200"],
  [":status", "204"],
  [":status", "206"],
  [":status", "304"],
  [":status", "400"],
  [":status", "404"],
  [":status", "500"],
  ["accept-charset", ""],
  ["accept-encoding", "gzip, deflate"],
  ["accept-language", ""],
  ["accept-ranges", ""],
  ["accept", ""],
  ["access-control-allow-origin", ""],
  ["age", ""],
  ["allow", ""],
  ["authorization", ""],
  ["cache-control", ""],
  ["content-disposition", ""],
  ["content-encoding", ""],
  ["content-language", ""],
  ["content-length", ""],
  ["content-location", ""],
  ["content-range", ""],
  ["content-type", ""],
  ["cookie", ""],
  ["date", ""],
  ["etag", ""],
  ["expect", ""],
  ["expires", ""],
  ["from", ""],
  ["host", ""],
  ["if-match", ""],
  ["if-modified-since", ""],
  ["if-none-match", ""],
  ["if-range", ""],
  ["if-unmodified-since", ""],
  ["last-modified", ""],
  ["link", ""],
  ["location", ""],
  ["max-forwards", ""],
  ["proxy-authenticate", ""],
  ["proxy-authorization", ""],
  ["range", ""],
  ["referer", ""],
  ["refresh", ""],
  ["retry-after", ""],
  ["server", ""],
  ["set-cookie", ""],
  ["strict-transport-security", ""],
  ["transfer-encoding", ""],
  ["user-agent", ""],
  ["vary", ""],
  ["via", ""],
  ["www-authenticate", ""],
];

/** The initial size limit of a table, in bytes. */
export const DEFAULT_TABLE = 4096;

/** Bytes that an entry counts besides its text (RFC 7541 §4.1). */
const OVERHEAD = 32;

/** The dynamic table of one direction. */
export class DynamicTable {
  /** Oldest first: the newest has the lowest index. */
  readonly #entries: Header[] = [];
  #size = 0;
  #limit = DEFAULT_TABLE;

  /** The number of entries. */
  get length(): number {
    return this.#entries.length;
  }

  /** The size limit in bytes. */
  get limit(): number {
    return this.#limit;
  }

  /** Changes the size limit, and evicts the oldest entries beyond it. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#evict(0);
  }

  /** Adds an entry; an entry larger than the table only empties it (RFC 7541 §4.4). */
  add(header: Header): void {
    const size = sizeOf(header);
    this.#evict(size);
    if (size > this.#limit) return;
    this.#entries.push(header);
    this.#size += size;
  }

  /** The entry at an index of both tables; index 1 is the first static entry. */
  at(index: number): Header | undefined {
    if (index <= STATIC.length) return STATIC[index - 1];
    return this.#entries[this.#entries.length - (index - STATIC.length)];
  }

  #evict(room: number): void {
    while (this.#entries.length > 0 && this.#size + room > this.#limit) {
      this.#size -= sizeOf(this.#entries.shift()!);
    }
  }
}

/** The size of a header in tables and lists. */
export function sizeOf([name, value]: Header): number {
  return name.length + value.length + OVERHEAD;
}

/** The first value of a field. A plain loop, because the lists of every call are searched several times. */
export function valueOf(headers: readonly Header[], field: string): string | undefined {
  for (let at = 0; at < headers.length; at++) {
    const header = headers[at]!;
    if (header[0] === field) return header[1];
  }
  return undefined;
}
