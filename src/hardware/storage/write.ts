/** Writes an image to a block device or file. @module */
import { BLOCK, blocksOf, isZero } from "./blocks.ts";
import type { Medium, MediumOptions } from "./medium.ts";
import { openMedium } from "./open.ts";
import { tooLarge } from "./problem.ts";
import { megabytes, Progress } from "./progress.ts";
import { Fingerprint, verify } from "./verify.ts";

/** So much may be on its way through the kernel, twice. */
const WINDOW = 32 << 20;

/** What is written where, and how carefully. */
export interface WriteOptions extends MediumOptions {
  /** Bytes of the image, where known: for the time that remains, and to refuse one that is too large. */
  readonly size?: number | undefined;
  /** How long the medium may take at the end to store what it has taken, in milliseconds. @default 900_000 */
  readonly syncMs?: number | undefined;
  /** Read everything back from the medium and compare. @default false */
  readonly verify?: boolean | undefined;
  /** Time between two lines of progress in the log, in milliseconds. @default 5000 */
  readonly progressMs?: number | undefined;
}

/** What was written. */
export interface Written {
  /** Bytes of the image. */
  readonly bytes: number;
  /** Bytes of them that are zero and were not transferred: the medium makes them itself. */
  readonly zeros: number;
  /** Of the image as 64 hexadecimal digits; only where it was verified. */
  readonly sha256?: string | undefined;
}

/**
 * Writes an image from the start of a medium: waits for it, claims it, writes past the
 * page cache while the next block arrives, and returns when all is stored. Memory does
 * not depend on the image's size. What follows the image on the medium stays as it is.
 *
 * When the image fails or `signal` aborts, the medium keeps a part of the image; the
 * image's iterator is told to return, but not waited for.
 *
 * @throws {StorageError} what was wrong with the medium or the image, and how far it came;
 *   with the code CANCELLED when `signal` aborts.
 * @throws {Timeout} that there was no medium in time.
 * @throws {InvalidArgument} that the path names something else.
 */
export async function writeImage(
  image: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<Written> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  await using medium = await openMedium("write", options);
  return await new Writer(medium, options, stop).run(image, signal);
}

class Writer {
  readonly #medium: Medium;
  readonly #options: WriteOptions;
  /** Ends the wait for the image when the medium has failed meanwhile. */
  readonly #stop: AbortController;
  readonly #progress: Progress;
  readonly #fingerprint: Fingerprint | undefined;
  #storing: Promise<void> = Promise.resolve();
  #zeros = 0;

  constructor(medium: Medium, options: WriteOptions, stop: AbortController) {
    const { log, path, size: total, progressMs: everyMs } = options;
    this.#medium = medium;
    this.#options = options;
    this.#stop = stop;
    this.#progress = new Progress({ log, what: `written to ${path}`, total, everyMs });
    this.#fingerprint = options.verify ? new Fingerprint() : undefined;
  }

  async run(image: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Written> {
    using progress = this.#progress;
    try {
      this.#fits(this.#options.size ?? 0);
      const bytes = await this.#write(image, signal);
      await this.#finish(bytes);
      return { bytes, zeros: this.#zeros, sha256: await this.#verify(bytes) };
    } catch (error) {
      const cause = this.#options.signal.aborted ? this.#options.signal.reason : error;
      throw await this.#medium.problem(cause, "write to", progress.bytes);
    }
  }

  /** While a block is written, the next one arrives. */
  async #write(image: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<number> {
    let position = 0;
    let writing: Promise<void> = Promise.resolve();
    const onBytes = this.#fingerprint && ((bytes: Uint8Array) => this.#fingerprint!.add(bytes));
    for await (const block of blocksOf(image, { signal, onBytes })) {
      await writing;
      this.#fits(position + block.length);
      position += block.length;
      writing = this.#put(block, position);
      writing.catch((error) => this.#stop.abort(error));
    }
    await writing;
    await this.#storing;
    return position;
  }

  async #put(block: Uint8Array<ArrayBuffer>, end: number): Promise<void> {
    const punch = block.length === BLOCK && isZero(block);
    if (punch && await this.#medium.zero(block.length)) this.#zeros += block.length;
    else await this.#medium.write(block);
    if (end % WINDOW === 0) await this.#storeWindow(end);
  }

  /** While a window is stored, the next one is filled; more is never on its way. */
  async #storeWindow(end: number): Promise<void> {
    await this.#storing;
    this.#storing = this.#store(end);
    this.#storing.catch((error) => this.#stop.abort(error));
  }

  async #store(end: number, boundMs?: number): Promise<void> {
    await this.#medium.sync(boundMs);
    await this.#medium.forget(0, end);
    this.#progress.bytes = end;
  }

  async #finish(end: number): Promise<void> {
    this.#progress.waits("waiting until all of it is stored");
    await this.#medium.extend(end);
    await this.#store(end, this.#options.syncMs ?? 900_000);
    this.#progress[Symbol.dispose]();
    const { log, path } = this.#options;
    log.info(`written to ${path}: ${this.#progress.summary()}${this.#spared()}`);
  }

  async #verify(bytes: number): Promise<string | undefined> {
    if (!this.#fingerprint) return undefined;
    return await verify(this.#fingerprint, bytes, this.#options);
  }

  #spared(): string {
    return this.#zeros > 0 ? `, ${megabytes(this.#zeros)} of zeros without a transfer` : "";
  }

  /** Only a device has its size beforehand; a file system tells when it is full. */
  #fits(size: number): void {
    const { kind, size: room, path } = this.#medium;
    if (kind === "file" || size <= room) return;
    throw tooLarge(path, room, this.#progress.bytes, this.#options.size);
  }
}
