/** A queue of bytes in blocks that are freed as soon as they are read. @module */
import { free } from "./message.ts";

const SMALLEST = 1024;
const LARGEST = 64 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/** Takes little more memory than it has bytes, however small the appended pieces are. */
export class ByteQueue {
  #blocks: Block[] = [];
  #length = 0;
  #held = 0;

  /** The bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** The memory of its blocks: less than twice its bytes, except for very few bytes. */
  get held(): number {
    return this.#held;
  }

  /** Appends a copy of `bytes`. */
  append(bytes: Uint8Array): void {
    this.#length += bytes.length;
    const last = this.#blocks.at(-1);
    const room = Math.min(bytes.length, last ? last.bytes.length - last.end : 0);
    if (last && room > 0) {
      last.bytes.set(bytes.subarray(0, room), last.end);
      last.end += room;
    }
    const rest = bytes.subarray(room);
    if (rest.length === 0) return;
    const size = Math.max(rest.length, Math.min(LARGEST, Math.max(SMALLEST, this.#held)));
    const block = new Uint8Array(size);
    block.set(rest);
    this.#blocks.push({ bytes: block, start: 0, end: rest.length });
    this.#held += size;
  }

  /** Passes bytes to `take`, which returns the number it has read, until it reads less than it got. */
  read(take: (bytes: Uint8Array) => number): void {
    for (let block = this.#blocks[0]; block; block = this.#blocks[0]) {
      const taken = take(block.bytes.subarray(block.start, block.end));
      // `take` may have cleared the queue.
      if (this.#blocks[0] !== block) return;
      block.start += taken;
      this.#length -= taken;
      if (block.start < block.end) return;
      this.#blocks.shift();
      this.#held -= block.bytes.length;
      free(block.bytes);
    }
  }

  /** Drops all bytes. */
  clear(): void {
    for (const { bytes } of this.#blocks) free(bytes);
    this.#blocks = [];
    this.#length = 0;
    this.#held = 0;
  }
}
