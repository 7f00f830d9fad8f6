/** Header blocks, which come in one HEADERS frame and any CONTINUATION frames. @module */
import { concat } from "../../base/bytes.ts";
import { ConnectionError, Flag, protocolError, Reason, Type } from "./codes.ts";
import type { FrameHeader } from "./frame_reader.ts";
import { type HeaderBlock, HeaderDecoder } from "./header_decoder.ts";

/** What a list of headers may count, and what its block may have, in bytes. */
export const MAX_HEADERS = 64 * 1024;
const MAX_FRAGMENTS = 64;

/** A whole block, with the header of the HEADERS frame that it began with. */
export interface ReceivedHeaders extends HeaderBlock {
  readonly stream: number;
  /** Whether the peer says nothing more on the stream. */
  readonly end: boolean;
}

/** Puts the blocks of a connection together, one at a time. */
export class HeaderBlocks {
  readonly #decoder = new HeaderDecoder(MAX_HEADERS);
  #first: FrameHeader | undefined;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** @throws {ConnectionError} where a frame may not begin now. */
  check({ type, stream }: FrameHeader): void {
    const continues = type === Type.CONTINUATION;
    if (this.#first ? !continues || stream !== this.#first.stream : continues) {
      throw protocolError("a header block is interrupted, or continued where there is none");
    }
  }

  /**
   * Takes a frame that was checked; the headers where it was the last of a block.
   *
   * @throws {ConnectionError} for what is no HPACK, or too much of it.
   */
  add(header: FrameHeader, payload: Uint8Array): ReceivedHeaders | undefined {
    const part = header.type === Type.HEADERS ? strip(header, payload) : payload;
    const first = this.#first ?? header;
    this.#size += part.length;
    const ends = (header.flags & Flag.END_HEADERS) !== 0;
    if (this.#size > MAX_HEADERS || this.#parts.length > MAX_FRAGMENTS) {
      throw new ConnectionError(Reason.ENHANCE_YOUR_CALM, "a header block is too large");
    }
    if (!ends) {
      this.#first = first;
      this.#parts.push(part.slice());
      return undefined;
    }
    const block = this.#parts.length === 0 ? part : concat([...this.#parts, part]);
    this.#first = undefined;
    this.#parts = [];
    this.#size = 0;
    const end = (first.flags & Flag.END_STREAM) !== 0;
    const { headers, size, tooLarge } = this.#decoder.decode(block);
    return { headers, size, tooLarge, stream: first.stream, end };
  }
}

/** The block in a HEADERS frame, without padding and priority. */
function strip({ flags }: FrameHeader, payload: Uint8Array): Uint8Array {
  let start = 0;
  let end = payload.length;
  if (flags & Flag.PADDED) {
    start = 1;
    end -= payload[0] ?? 0;
  }
  if (flags & Flag.PRIORITY) start += 5;
  if (start > end) throw protocolError("more padding than frame");
  return payload.subarray(start, end);
}
