/** An open block device or file. @module */
import type { DriverLog } from "../../driver/manifest.ts";
import { Timeout } from "../../wire/error.ts";
import { closeDevice } from "../../libc/descriptors.ts";
import { dropCache, endOf, punchHole } from "../../libc/ranges.ts";
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import { errnoOf, type StorageError, transferProblem } from "./problem.ts";

/** How long closing waits for a call that does not return, in milliseconds. */
const GRACE_MS = 5_000;

/** Which medium, and how long its calls may take. */
export interface MediumOptions {
  /** The block device or file: `/dev/disk/by-diskseq/7`. */
  readonly path: string;
  readonly log: DriverLog;
  /** Ends what is going on, and the waits for it. */
  readonly signal: AbortSignal;
  /** How long to wait until the medium is there, in milliseconds. @default 10_000 */
  readonly waitMs?: number | undefined;
  /**
   * How long to wait until another transfer has let go of it, in milliseconds: one whose
   * client has vanished ends when that is noticed. @default 60_000
   */
  readonly busyMs?: number | undefined;
  /**
   * How long a single call to the medium may take, in milliseconds; the longest one stores
   * 32 MiB. The kernel tries a mute disk again for some minutes before it gives up.
   * @default 300_000
   */
  readonly stallMs?: number | undefined;
}

/** What {@link Medium} is made of. */
export interface Opened {
  readonly kind: "device" | "file";
  /** Number of a device, to know it again. */
  readonly rdev: number;
  /** Bytes of a device; of a file those that it had when it was opened. */
  readonly size: number;
  /** Moves the data, from the start on. */
  readonly data: Deno.FsFile;
  /** Waits for the medium, while `data` takes more. */
  readonly syncer: Deno.FsFile;
  /** Holds the claim of a device or the lock of a file. */
  readonly fd: number;
}

/** Closes all of it; what has to wait for the medium waits on the thread pool. */
export async function close({ data, syncer, fd }: Opened): Promise<void> {
  data.close();
  syncer.close();
  // The last one to close a device waits until the kernel has written what it still holds.
  await closeDevice(fd);
}

/**
 * An open medium. A call that does not come back is left to itself when its bound has
 * passed: the medium stays claimed until the kernel is done with it.
 */
export class Medium implements AsyncDisposable {
  readonly path: string;
  readonly kind: "device" | "file";
  /** @see Opened.size */
  readonly size: number;
  readonly #options: MediumOptions;
  readonly #opened: Opened;
  readonly #running = new Set<Promise<unknown>>();
  #punches = true;

  constructor(opened: Opened, options: MediumOptions) {
    this.#options = options;
    this.#opened = opened;
    this.path = options.path;
    this.kind = opened.kind;
    this.size = opened.size;
  }

  /** Writes all of `bytes` behind what was written before; the kernel may still hold it. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#run(() => this.#opened.data.write(bytes.subarray(done)));
    }
  }

  /**
   * Lets the next `length` bytes read as zeros without writing them; false where that
   * cannot be had.
   */
  async zero(length: number): Promise<boolean> {
    if (!this.#punches) return false;
    const { data, fd } = this.#opened;
    const position = await this.#run(() => data.seek(0, Deno.SeekMode.Current));
    this.#punches = await this.#run(() => punchHole(fd, position, length));
    if (this.#punches) await this.#run(() => data.seek(length, Deno.SeekMode.Current));
    return this.#punches;
  }

  /** Fills `buffer` with what comes next, less at the end; the number of bytes. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    for (let filled = 0;;) {
      const count = await this.#run(() => this.#opened.data.read(buffer.subarray(filled))) ?? 0;
      filled += count;
      if (count === 0 || filled === buffer.length) return filled;
    }
  }

  /** Waits until what was written so far is stored, while more can be written. */
  async sync(stallMs?: number): Promise<void> {
    await this.#run(() => this.#opened.syncer.sync(), stallMs);
  }

  /** Takes a range out of the page cache that was stored or read. */
  async forget(position: number, length: number): Promise<void> {
    await this.#run(() => dropCache(this.#opened.fd, position, length));
  }

  /** Makes a file that ends before `length` longer; what is between reads as zeros. */
  async extend(length: number): Promise<void> {
    if (this.kind === "file" && await this.#run(() => endOf(this.#opened.fd)) < length) {
      await this.#run(() => this.#opened.data.truncate(length));
    }
  }

  /**
   * The error of a transfer that was interrupted by `error` after `bytes` bytes. The log
   * has it, too: whoever cut it off is not there to be told.
   */
  async problem(error: unknown, verb: string, bytes: number): Promise<StorageError> {
    const { path, kind } = this;
    const cancelled = this.#options.signal.aborted;
    const gone = !cancelled && errnoOf(error) !== undefined && await this.#gone();
    const situation = { verb, path, kind, bytes, begun: true, gone, cancelled };
    const problem = transferProblem(error, situation);
    this.#options.log.error(problem.message);
    return problem;
  }

  /** Whether the medium has vanished: pulled, switched away, or another one by now. */
  async #gone(): Promise<boolean> {
    const { fd, kind, rdev } = this.#opened;
    const looking = async () => {
      if (kind === "device" && await endOf(fd) === 0) return true;
      return (await Deno.stat(this.path)).rdev !== rdev;
    };
    const missing = (error: unknown) => error instanceof Deno.errors.NotFound;
    return await withDeadline(looking(), { ms: GRACE_MS }).catch(missing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.allSettled(this.#running).then(() => close(this.#opened));
    if (await fulfilledWithin(GRACE_MS, closed).catch(() => false)) return;
    this.#options.log.warning(
      `${this.path} does not answer: it stays claimed until the kernel has given up on it`,
    );
  }

  async #run<T>(call: () => Promise<T>, ms = this.#options.stallMs ?? 300_000): Promise<T> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    const running = call();
    this.#running.add(running);
    const done = () => void this.#running.delete(running);
    running.then(done, done);
    const late = () => {
      const bound = `${ms / 1_000} s`;
      return new Timeout(`expected an answer of the ${this.kind} within ${bound}, found none`);
    };
    return await withDeadline(running, { signal, ms, late });
  }
}
