/** Writes header blocks (RFC 7541). @module */
import { DEFAULT_TABLE, DynamicTable, type Header, STATIC } from "./header_table.ts";
import type { Output } from "./output.ts";

/** Fields whose values differ each time or are secret: they never enter the table. */
const NEVER_INDEXED = new Set([
  "authorization",
  "cookie",
  "grpc-message",
  "grpc-status-details-bin",
  "grpc-timeout",
  "x-jumpstarter-passphrase",
]);
const SECRET = new Set(["authorization", "cookie", "x-jumpstarter-passphrase"]);

const exact = new Map<string, number>();
const names = new Map<string, number>();
STATIC.forEach(([name, value], index) => {
  exact.set(`${name}\0${value}`, index + 1);
  if (!names.has(name)) names.set(name, index + 1);
});

/**
 * The encoder of one direction. Our headers are short and mostly repeated, so it indexes as much
 * as possible and uses no Huffman coding.
 */
export class HeaderEncoder {
  readonly #table = new DynamicTable();
  /** The serial number of each entry, counted over all that were ever added. */
  #numbers = new Map<string, number>();
  #added = 0;
  #resized = false;

  /** Sets the largest table that the peer keeps. */
  resize(limit: number): void {
    const wanted = Math.min(limit, DEFAULT_TABLE);
    if (wanted === this.#table.limit) return;
    this.#table.resize(0);
    this.#numbers.clear();
    this.#table.resize(wanted);
    this.#resized = true;
  }

  /** Appends a block. */
  encode(headers: Iterable<Header>, out: Output): void {
    if (this.#resized) {
      // The table was emptied in between, so the peer's decoder must empty its table too.
      writeInteger(out, 0x20, 5, 0);
      writeInteger(out, 0x20, 5, this.#table.limit);
      this.#resized = false;
    }
    for (const header of headers) this.#field(header, out);
  }

  #field(header: Header, out: Output): void {
    const [name, value] = header;
    const key = `${name}\0${value}`;
    const index = exact.get(key) ?? this.#dynamicIndex(key);
    if (index !== undefined) return writeInteger(out, 0x80, 7, index);
    const nameIndex = names.get(name) ?? 0;
    if (NEVER_INDEXED.has(name)) {
      writeInteger(out, SECRET.has(name) ? 0x10 : 0, 4, nameIndex);
    } else {
      writeInteger(out, 0x40, 6, nameIndex);
      this.#remember(header, key);
    }
    if (nameIndex === 0) writeString(out, name);
    writeString(out, value);
  }

  #dynamicIndex(key: string): number | undefined {
    const number = this.#numbers.get(key);
    if (number === undefined) return undefined;
    const age = this.#added - number;
    if (age < this.#table.length) return STATIC.length + 1 + age;
    this.#numbers.delete(key);
    return undefined;
  }

  #remember(header: Header, key: string): void {
    this.#table.add(header);
    this.#added += 1;
    if (this.#table.length === 0) this.#numbers.clear();
    else this.#numbers.set(key, this.#added);
    // The map still has entries that were evicted from the table.
    if (this.#numbers.size > 1_000) this.#forgetOld();
  }

  #forgetOld(): void {
    const oldest = this.#added - this.#table.length;
    this.#numbers = new Map([...this.#numbers].filter(([, number]) => number > oldest));
  }
}

function writeString(out: Output, text: string): void {
  writeInteger(out, 0, 7, text.length);
  out.latin1(text);
}

function writeInteger(out: Output, flags: number, bits: number, value: number): void {
  const mask = (1 << bits) - 1;
  if (value < mask) return out.byte(flags | value);
  out.byte(flags | mask);
  for (value -= mask; value >= 0x80; value >>>= 7) out.byte(value & 0x7f | 0x80);
  out.byte(value);
}
