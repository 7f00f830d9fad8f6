/** A queue of bytes in blocks that are freed as soon as they are read. @module */
const SMALLEST = 1024;
const LARGEST = 64 * 1024;

/**
 * Blocks of the largest size that are free, for all queues: for V8, each such block that is dropped
 * is a reason to look for garbage. At most 6 MiB, which is what one call can have unread.
 */
const spare: Uint8Array[] = [];
const MAX_SPARE = 96;

/** Drops the free blocks. */
export function releaseBlocks(): void {
  spare.length = 0;
}

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
    for (let at = room; at < bytes.length; at += LARGEST) {
      this.#addBlock(bytes.subarray(at, at + LARGEST));
    }
  }

  #addBlock(bytes: Uint8Array): void {
    const size = Math.max(bytes.length, Math.min(LARGEST, Math.max(SMALLEST, this.#held)));
    const block = size === LARGEST && spare.pop() || new Uint8Array(size);
    block.set(bytes);
    this.#blocks.push({ bytes: block, start: 0, end: bytes.length });
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
      recycle(block.bytes);
    }
  }

  /** Drops all bytes. */
  clear(): void {
    for (const { bytes } of this.#blocks) recycle(bytes);
    this.#blocks = [];
    this.#length = 0;
    this.#held = 0;
  }
}

function recycle(block: Uint8Array): void {
  if (block.length === LARGEST && spare.length < MAX_SPARE) spare.push(block);
}
