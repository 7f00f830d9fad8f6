/** Reads a block device or file. @module */
import type { Source } from "../../driver/resources.ts";
import { BLOCK } from "./blocks.ts";
import type { Medium, MediumOptions } from "./medium.ts";
import { openMedium } from "./open.ts";
import { Progress } from "./progress.ts";

/** The medium, and how much of it is read. */
export interface ReadOptions extends MediumOptions {
  /** Bytes from the start; a shorter medium is no error. @default to the end */
  readonly length?: number | undefined;
  /** Time between two lines of progress in the log, in milliseconds. @default 5000 */
  readonly progressMs?: number | undefined;
}

/**
 * Reads a medium from its start, in blocks that the consumer may keep. Waits for the medium,
 * keeps a device out of the page cache, and reads the next block while the consumer handles one.
 * If others write to the device meanwhile, the result is not consistent. Its size is known with
 * the first block.
 *
 * @throws {StorageError} if the transfer fails; with the code CANCELLED when `signal` aborts.
 * @throws {Timeout} if there is no medium in time.
 * @throws {InvalidArgument} if the path is neither a block device nor a file.
 */
export function readImage(options: ReadOptions): Image {
  return new Image(options, () => new Uint8Array(BLOCK));
}

/** As {@link readImage}, but reuses its memory: a block is valid until the next one is read. */
export function readInPlace(options: ReadOptions): Image {
  let [one, other] = [new Uint8Array(BLOCK), new Uint8Array(BLOCK)];
  return new Image(options, () => {
    [one, other] = [other, one];
    return one;
  });
}

/** The blocks of a medium. */
class Image implements Source {
  readonly #options: ReadOptions;
  readonly #buffer: () => Uint8Array<ArrayBuffer>;
  size?: number;

  /** @param buffer returns memory for the next block */
  constructor(options: ReadOptions, buffer: () => Uint8Array<ArrayBuffer>) {
    this.#options = options;
    this.#buffer = buffer;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const { log, path, progressMs: everyMs, length = Infinity } = this.#options;
    await using medium = await openMedium("read", this.#options);
    const total = this.size = Math.min(length, medium.size);
    using progress = new Progress({ log, what: `read from ${path}`, total, everyMs });
    const next = (position: number) => {
      const reading = readBlock(medium, position, this.#buffer().subarray(0, total - position));
      // It is awaited when the consumer asks for the next block, or never.
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
}

/** Reads up to `buffer.length` bytes; fewer at the end of the medium. */
async function readBlock(
  medium: Medium,
  position: number,
  buffer: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const count = await medium.read(buffer);
  // Cached content of a device would only displace other content.
  if (medium.kind === "device") await medium.forget(position, count);
  return buffer.subarray(0, count);
}
