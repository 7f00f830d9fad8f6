/** Reads a block device or file. @module */
import { BLOCK } from "./blocks.ts";
import type { Medium, MediumOptions } from "./medium.ts";
import { openMedium } from "./open.ts";
import { Progress } from "./progress.ts";

/** What is read. */
export interface ReadOptions extends MediumOptions {
  /** Bytes from the start; a medium that ends before is no error. @default to the end */
  readonly length?: number | undefined;
  /** Time between two lines of progress in the log, in milliseconds. @default 5000 */
  readonly progressMs?: number | undefined;
}

/**
 * The content of a medium from its start, in blocks that are the consumer's to keep: waits
 * for the medium, and reads a device past the page cache, the next block while the
 * consumer is busy with one. A device may be in use; what is read then is not of one moment.
 *
 * @throws {StorageError} what was wrong, and how far it came; with the code CANCELLED when
 *   `signal` aborts.
 * @throws {Timeout} that there was no medium in time.
 * @throws {InvalidArgument} that the path names something else.
 */
export function readImage(options: ReadOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  return blocks(options, () => new Uint8Array(BLOCK));
}

/** As {@link readImage}, in memory that is used again: a block is valid until the next one. */
export function readInPlace(options: ReadOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let [one, other] = [new Uint8Array(BLOCK), new Uint8Array(BLOCK)];
  return blocks(options, () => {
    [one, other] = [other, one];
    return one;
  });
}

async function* blocks(
  options: ReadOptions,
  buffer: () => Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { log, path, progressMs: everyMs, length = Infinity } = options;
  await using medium = await openMedium("read", options);
  const total = Math.min(length, medium.size);
  using progress = new Progress({ log, what: `read from ${path}`, total, everyMs });
  const next = (position: number) => {
    const reading = readBlock(medium, position, buffer().subarray(0, length - position));
    // It is awaited only when the consumer comes back, or never.
    reading.catch(() => {});
    return reading;
  };
  try {
    let reading = next(0);
    while (true) {
      const block = await reading;
      if (block.length === 0) break;
      const position = progress.bytes + block.length;
      reading = next(position);
      progress.bytes = position;
      yield block;
    }
  } catch (error) {
    throw await medium.problem(error, "read", progress.bytes);
  }
  log.info(`read from ${path}: ${progress.summary()}`);
}

/** Fills `buffer` as far as the medium goes. */
async function readBlock(
  medium: Medium,
  position: number,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const count = await medium.read(buffer);
  // A device's content is of no further use to the page cache.
  if (medium.kind === "device") await medium.forget(position, count);
  return buffer.subarray(0, count);
}
