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
export async function* readImage(options: ReadOptions): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { log, path, progressMs: everyMs, length = Infinity } = options;
  await using medium = await openMedium("read", options);
  const total = Math.min(length, medium.size);
  using progress = new Progress({ log, what: `read from ${path}`, total, everyMs });
  try {
    let reading = readBlock(medium, 0, length);
    while (true) {
      const block = await reading;
      if (block.length === 0) break;
      const position = progress.bytes + block.length;
      reading = readBlock(medium, position, length);
      // It is awaited only when the consumer comes back, or never.
      reading.catch(() => {});
      progress.bytes = position;
      yield block;
    }
  } catch (error) {
    throw await medium.problem(error, "read", progress.bytes);
  }
  log.info(`read from ${path}: ${progress.summary()}`);
}

/** The next block; an empty one at the end. */
async function readBlock(
  medium: Medium,
  position: number,
  end: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(Math.min(BLOCK, end - position));
  const count = await medium.read(buffer);
  // A device's content is of no further use to the page cache.
  if (medium.kind === "device") await medium.forget(position, count);
  return buffer.subarray(0, count);
}
