/** Reads header blocks (RFC 7541). @module */
import { ConnectionError, Reason } from "./codes.ts";
import { DEFAULT_TABLE, DynamicTable, type Header, sizeOf } from "./header_table.ts";
import { decodeHuffman } from "./huffman.ts";
import { latin1 } from "./latin1.ts";

/** A decoded block. */
export interface HeaderBlock {
  readonly headers: Header[];
  /** The size of the list (RFC 9113 §6.5.2): names and values, and 32 for each. */
  readonly size: number;
  /** Whether the list was longer than allowed; `headers` then holds only its beginning. */
  readonly tooLarge: boolean;
}

/** The decoder of one direction; its table lives as long as the connection. */
export class HeaderDecoder {
  readonly #table = new DynamicTable();
  readonly #maxList: number;
  #bytes = new Uint8Array();
  #at = 0;

  /** @param maxList the largest list that is returned whole, sized as in RFC 9113 §6.5.2 */
  constructor(maxList: number) {
    this.#maxList = maxList;
  }

  /**
   * Reads one block. A list that is too large is read to its end all the same: the table must
   * stay in step with the peer's.
   *
   * @throws {ConnectionError} COMPRESSION_ERROR
   */
  decode(block: Uint8Array): HeaderBlock {
    this.#bytes = block as Uint8Array<ArrayBuffer>;
    this.#at = 0;
    const headers: Header[] = [];
    let size = 0;
    while (this.#at < block.length) {
      const header = this.#field(headers.length === 0 && size === 0);
      if (!header) continue;
      size += sizeOf(header);
      if (size <= this.#maxList) headers.push(header);
    }
    return { headers, size, tooLarge: size > this.#maxList };
  }

  /** One field, or undefined for a change of the table's size. */
  #field(first: boolean): Header | undefined {
    const byte = this.#bytes[this.#at]!;
    if (byte & 0x80) return this.#entry(this.#integer(7));
    if (byte & 0x40) {
      const header = this.#literal(this.#integer(6));
      this.#table.add(header);
      return header;
    }
    if (byte & 0x20) {
      if (!first) throw broken("the table's size changes within a block");
      const size = this.#integer(5);
      if (size > DEFAULT_TABLE) throw broken(`a table of ${size} bytes was not offered`);
      this.#table.resize(size);
      return undefined;
    }
    return this.#literal(this.#integer(4));
  }

  #entry(index: number): Header {
    const header = this.#table.at(index);
    if (!header) throw broken(`there is no header ${index}`);
    return header;
  }

  #literal(nameIndex: number): Header {
    const name = nameIndex ? this.#entry(nameIndex)[0] : this.#string();
    return [name, this.#string()];
  }

  #string(): string {
    const coded = (this.#bytes[this.#at] ?? 0) & 0x80;
    const length = this.#integer(7);
    const start = this.#at;
    const end = start + length;
    if (end > this.#bytes.length) throw broken("a string is cut off");
    this.#at = end;
    if (coded) return decodeHuffman(this.#bytes, start, end);
    return latin1(this.#bytes, start, end);
  }

  /** RFC 7541 §5.1; nothing here is near 2^28. */
  #integer(bits: number): number {
    const mask = (1 << bits) - 1;
    const first = this.#bytes[this.#at++];
    if (first === undefined) throw broken("a block is cut off");
    let value = first & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw broken("a number is cut off");
      value += (byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
    throw broken("a number is too large");
  }
}

function broken(what: string): ConnectionError {
  return new ConnectionError(Reason.COMPRESSION_ERROR, what);
}
