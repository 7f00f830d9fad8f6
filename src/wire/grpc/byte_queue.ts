/** Bytes that wait, in blocks that are given back as soon as they were read. @module */
import { free } from "./message.ts";

const SMALLEST = 1024;
const LARGEST = 64 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  start: number;
  end: number;
}

/** However small the pieces that come are, it takes little more memory than there are bytes. */
export class ByteQueue {
  #blocks: Block[] = [];
  #length = 0;
  #held = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that they take: less than twice as many, but for what is very little. */
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

  /** Gives bytes to `take`, which returns how many it took, until it takes less than it got. */
  read(take: (bytes: Uint8Array) => number): void {
    for (let block = this.#blocks[0]; block; block = this.#blocks[0]) {
      const taken = take(block.bytes.subarray(block.start, block.end));
      // Whoever took them may have cleared the queue.
      if (this.#blocks[0] !== block) return;
      block.start += taken;
      this.#length -= taken;
      if (block.start < block.end) return;
      this.#blocks.shift();
      this.#held -= block.bytes.length;
      free(block.bytes);
    }
  }

  /** Forgets them. */
  clear(): void {
    for (const { bytes } of this.#blocks) free(bytes);
    this.#blocks = [];
    this.#length = 0;
    this.#held = 0;
  }
}
