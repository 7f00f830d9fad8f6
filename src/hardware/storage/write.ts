/** Writes an image to a block device or file. @module */
import { BLOCK, blocksOf, isZero } from "./blocks.ts";
import type { Medium, MediumOptions } from "./medium.ts";
import { openMedium } from "./open.ts";
import { empty, tooLarge } from "./problem.ts";
import { megabytes, Progress } from "./progress.ts";
import { Fingerprint, verify } from "./verify.ts";

/** Bytes that are synced at a time; two windows may be in the page cache. */
const WINDOW = 32 << 20;

/** The medium, and how the image is written. */
export interface WriteOptions extends MediumOptions {
  /** Bytes of the image, if known: for the remaining time, and to refuse one that is too large. */
  readonly size?: number | undefined;
  /** Longest time of the last sync, in milliseconds. @default 900_000 */
  readonly syncMs?: number | undefined;
  /** The config key that accepts an image of 0 bytes, for the message that refuses one. */
  readonly emptyKey?: string | undefined;
  /** Whether an image of 0 bytes is accepted, which changes nothing. @default false */
  readonly allowEmpty?: boolean | undefined;
  /** Whether the medium is read again and compared. @default false */
  readonly verify?: boolean | undefined;
  /** Time between two lines of progress in the log, in milliseconds. @default 5000 */
  readonly progressMs?: number | undefined;
}

/** The result of a write. */
export interface Written {
  /** Bytes of the image. */
  readonly bytes: number;
  /** Bytes among them that are zero and were not transferred: the medium was told to zero them. */
  readonly zeros: number;
  /** The SHA-256 of the image as 64 hexadecimal digits, if it was verified. */
  readonly sha256?: string | undefined;
}

/**
 * Writes an image to the start of a medium: waits for the medium, claims it, writes each block
 * while the next one arrives, and returns when everything is stored. Memory does not depend on
 * the image's size. The medium keeps its content behind the image.
 *
 * When the image fails or `signal` aborts, the medium keeps a part of the image; the image's
 * iterator is told to return, but not awaited.
 *
 * @throws {StorageError} if the medium or the image fails; with the code CANCELLED when `signal`
 *   aborts.
 * @throws {Timeout} if there is no medium in time.
 * @throws {InvalidArgument} if the path is neither a block device nor a file, or the image is empty.
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
  /** Ends the wait for the image when the medium fails. */
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
      if (bytes === 0 && !this.#options.allowEmpty) throw empty(this.#options);
      await this.#finish(bytes);
      return { bytes, zeros: this.#zeros, sha256: await this.#verify(bytes) };
    } catch (error) {
      const cause = this.#options.signal.aborted ? this.#options.signal.reason : error;
      throw await this.#medium.problem(cause, "write to", progress.bytes);
    }
  }

  /** Writes one block while the next one arrives. */
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

  /** Syncs one window while the next one is filled; at most two are in flight. */
  async #storeWindow(end: number): Promise<void> {
    await this.#storing;
    this.#storing = this.#store(end);
    this.#storing.catch((error) => this.#stop.abort(error));
  }

  async #store(end: number, stallMs?: number): Promise<void> {
    await this.#medium.sync(stallMs);
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

  /** Checks that `size` bytes fit. Only a device has a known size; a file system reports when it is full. */
  #fits(size: number): void {
    const { kind, size: room, path } = this.#medium;
    if (kind === "file" || size <= room) return;
    throw tooLarge(path, room, this.#progress.bytes, this.#options.size);
  }
}
