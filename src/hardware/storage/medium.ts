/** An open block device or file. @module */
import type { DriverLog } from "../../driver/manifest.ts";
import { Timeout } from "../../wire/error.ts";
import { closeDevice } from "../../libc/descriptors.ts";
import { dropCache, endOf, punchHole } from "../../libc/ranges.ts";
import { fulfilledWithin, withDeadline } from "../../base/deadline.ts";
import { errnoOf, type StorageError, transferProblem } from "./problem.ts";

/** How long closing waits for a call that does not return, in milliseconds. */
const GRACE_MS = 5_000;

/** The medium, and bounds of its calls. */
export interface MediumOptions {
  /** The block device or file: `/dev/disk/by-diskseq/7`. */
  readonly path: string;
  readonly log: DriverLog;
  /** Ends all transfers and waits. */
  readonly signal: AbortSignal;
  /** Longest wait for a medium that is missing, in milliseconds. @default 10_000 */
  readonly waitMs?: number | undefined;
  /**
   * Longest wait for the end of another transfer, in milliseconds: if its client has vanished,
   * it takes a while until that is noticed. @default 60_000
   */
  readonly busyMs?: number | undefined;
  /**
   * Longest time of a single call to the medium, in milliseconds; the longest call syncs 32 MiB.
   * The kernel retries for some minutes before it gives up on a silent disk. @default 300_000
   */
  readonly stallMs?: number | undefined;
}

/** The descriptors of a {@link Medium}. */
export interface Opened {
  readonly kind: "device" | "file";
  /** Device number, to recognize the device. */
  readonly rdev: number;
  /** Size of a device, or of a file when it was opened, in bytes. */
  readonly size: number;
  /** Reads or writes the data, from the start on. */
  readonly data: Deno.FsFile;
  /** Syncs while `data` takes more. */
  readonly syncer: Deno.FsFile;
  /** Holds the claim of a device or the lock of a file. */
  readonly fd: number;
}

/** Closes all of them; waits for the medium on the thread pool. */
export async function close({ data, syncer, fd }: Opened): Promise<void> {
  data.close();
  syncer.close();
  // The last close of a device waits until the kernel has written its buffers.
  await closeDevice(fd);
}

/**
 * An open medium. A call that does not return within its bound is abandoned; the medium stays
 * claimed until the kernel has finished it.
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

  /** Appends `bytes` to what was written before; the data may still be in the page cache. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      done += await this.#run(() => this.#opened.data.write(bytes.subarray(done)));
    }
  }

  /** Makes the next `length` bytes zeros without writing them; false if the medium cannot do that. */
  async zero(length: number): Promise<boolean> {
    if (!this.#punches) return false;
    const { data, fd } = this.#opened;
    const position = await this.#run(() => data.seek(0, Deno.SeekMode.Current));
    this.#punches = await this.#run(() => punchHole(fd, position, length));
    if (this.#punches) await this.#run(() => data.seek(length, Deno.SeekMode.Current));
    return this.#punches;
  }

  /** Fills `buffer` with the next bytes; returns their number, which is less at the end. */
  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number> {
    for (let filled = 0;;) {
      const count = await this.#run(() => this.#opened.data.read(buffer.subarray(filled))) ?? 0;
      filled += count;
      if (count === 0 || filled === buffer.length) return filled;
    }
  }

  /** Waits until everything written so far is stored; more can be written meanwhile. */
  async sync(stallMs?: number): Promise<void> {
    await this.#run(() => this.#opened.syncer.sync(), stallMs);
  }

  /** Drops a range that was stored or read from the page cache. */
  async forget(position: number, length: number): Promise<void> {
    await this.#run(() => dropCache(this.#opened.fd, position, length));
  }

  /** Extends a file to `length` bytes with zeros, if it is shorter. */
  async extend(length: number): Promise<void> {
    if (this.kind === "file" && await this.#run(() => endOf(this.#opened.fd)) < length) {
      await this.#run(() => this.#opened.data.truncate(length));
    }
  }

  /**
   * Makes the error of a transfer that was interrupted by `error` after `bytes` bytes, and logs it:
   * the client may no longer be there to receive it.
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

  /** Whether the medium was removed, switched away or replaced. */
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
