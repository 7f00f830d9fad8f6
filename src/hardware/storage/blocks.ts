/** Cuts an image into blocks of one size. @module */
import { withDeadline } from "../../base/deadline.ts";

/**
 * Bytes of a block. Loop devices, files and cards are written at full speed from 1 MiB on; larger
 * blocks only cost memory, and delay an abort.
 */
export const BLOCK = 1 << 20;

/** The image has failed, not the medium; `cause` is its error. */
export class ImageFailed extends Error {}

/** Options of {@link blocksOf}. */
export interface BlockOptions {
  /** Ends the wait for the image. */
  readonly signal: AbortSignal;
  /** Called with each part of the image as it arrives. */
  readonly onBytes?: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * Cuts an image into blocks of {@link BLOCK} bytes; the last one may be shorter. Two buffers are
 * used alternately: a block is valid until the consumer asks for the next but one.
 *
 * @throws {ImageFailed} if the image throws.
 * @throws the signal's reason; the image is told to return, but not awaited.
 */
export async function* blocksOf(
  image: AsyncIterable<Uint8Array>,
  { signal, onBytes }: BlockOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let [block, other] = [new Uint8Array(BLOCK), new Uint8Array(BLOCK)];
  let filled = 0;
  for await (const chunk of abortable(image, signal)) {
    onBytes?.(chunk);
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + BLOCK - filled);
      block.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled < BLOCK) continue;
      yield block;
      [block, other] = [other, block];
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}

async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let done = false;
  try {
    while (true) {
      const arriving = iterator.next().catch((cause) => {
        done = true;
        throw new ImageFailed("the image ended early", { cause });
      });
      const next = await withDeadline(arriving, { signal });
      done = next.done === true;
      if (done) return;
      yield next.value as T;
    }
  } finally {
    // Not awaited: a source that hangs in next() would hang in return() as well.
    if (!done) iterator.return?.()?.catch(() => {});
  }
}

/** Whether a block consists of zeros. */
export function isZero(block: Uint8Array<ArrayBuffer>): boolean {
  const words = new Uint32Array(block.buffer, block.byteOffset, block.length >> 2);
  for (let index = 0; index < words.length; index++) if (words[index] !== 0) return false;
  for (let index = words.length << 2; index < block.length; index++) {
    if (block[index] !== 0) return false;
  }
  return true;
}
