/** How far a transfer is, said in the log every few seconds. @module */
import type { DriverLog } from "../../driver/manifest.ts";

/** What is told of a transfer. */
export interface ProgressOptions {
  readonly log: DriverLog;
  /** The start of each line: `written to /dev/sdb`. */
  readonly what: string;
  /** Bytes expected in all, where known. */
  readonly total?: number | undefined;
  /** Time between two lines, in milliseconds. @default 5000 */
  readonly everyMs?: number | undefined;
}

/** Tells how far a transfer is until disposed, also while nothing moves. */
export class Progress implements Disposable {
  readonly #options: ProgressOptions;
  readonly #start = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: string | undefined;
  #lastBytes = 0;
  #lastTime = this.#start;
  /** Bytes so far. */
  bytes = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tell(), options.everyMs ?? 5_000);
  }

  /** From now on nothing moves, and the log says why. */
  waits(why: string): void {
    this.#waiting = why;
    this.#tell();
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }

  /** What was moved and how fast, on the whole: `2048.0 MB in 113.2 s, 18.1 MB/s`. */
  summary(): string {
    const { seconds } = this;
    return `${megabytes(this.bytes)} in ${seconds.toFixed(1)} s, ${rate(this.bytes, seconds)}`;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { log, what, total } = this.#options;
    const of = total === undefined ? "" : ` of ${megabytes(total)}`;
    const how = this.#waiting ?? this.#speed() + this.#remaining();
    log.info(`${what}: ${megabytes(this.bytes)}${of}, ${how}`);
  }

  /** Since it was last told. */
  #speed(): string {
    const now = performance.now();
    const speed = rate(this.bytes - this.#lastBytes, (now - this.#lastTime) / 1_000);
    [this.#lastBytes, this.#lastTime] = [this.bytes, now];
    return speed;
  }

  #remaining(): string {
    const { total } = this.#options;
    if (total === undefined || this.bytes === 0 || this.bytes > total) return "";
    const seconds = this.seconds * (total - this.bytes) / this.bytes;
    return `, ${Math.ceil(seconds)} s remaining`;
  }
}

/** Bytes for people: `2048.0 MB`, of a million bytes each. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function rate(bytes: number, seconds: number): string {
  return `${(bytes / 1e6 / Math.max(seconds, 0.001)).toFixed(1)} MB/s`;
}
