/** Header blocks: a HEADERS frame and any number of CONTINUATION frames. @module */
import { concat } from "../../base/bytes.ts";
import { ConnectionError, Flag, protocolError, Reason, Type } from "./codes.ts";
import type { FrameHeader } from "./frame_reader.ts";
import { type HeaderBlock, HeaderDecoder } from "./header_decoder.ts";

/** The largest list of headers (RFC 9113 §6.5.2) and the largest header block, in bytes. */
export const MAX_HEADERS = 64 * 1024;
const MAX_FRAGMENTS = 64;

/** A complete block. */
export interface ReceivedHeaders extends HeaderBlock {
  readonly stream: number;
  /** Whether the peer has ended its side of the stream. */
  readonly end: boolean;
}

/** Assembles the blocks of a connection, one at a time. */
export class HeaderBlocks {
  readonly #decoder = new HeaderDecoder(MAX_HEADERS);
  #first: FrameHeader | undefined;
  #parts: Uint8Array[] = [];
  #size = 0;

  /** @throws {ConnectionError} when this frame may not begin now */
  check({ type, stream }: FrameHeader): void {
    const continues = type === Type.CONTINUATION;
    if (this.#first ? !continues || stream !== this.#first.stream : continues) {
      throw protocolError("a header block is interrupted, or continued where there is none");
    }
  }

  /**
   * Adds a frame that {@linkcode check} has passed.
   *
   * @returns the headers, when the frame is the last one of its block
   * @throws {ConnectionError} for invalid HPACK, and for a block that is too large
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

/** The part of a header block in a HEADERS frame, without padding and priority. */
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
