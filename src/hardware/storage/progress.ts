/** Logs the progress of a transfer every few seconds. @module */
import type { DriverLog } from "../../driver/manifest.ts";

/** The transfer, and where its progress is logged. */
export interface ProgressOptions {
  readonly log: DriverLog;
  /** The beginning of each line: `written to /dev/sdb`. */
  readonly what: string;
  /** Bytes expected in all, if known. */
  readonly total?: number | undefined;
  /** Time between two lines, in milliseconds. @default 5000 */
  readonly everyMs?: number | undefined;
}

/** Logs the progress until disposed, also while the transfer is stalled. */
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

  /** Logs why the transfer waits from now on, instead of its speed. */
  waits(why: string): void {
    this.#waiting = why;
    this.#tell();
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (performance.now() - this.#start) / 1_000;
  }

  /** The amount, time and mean speed: `2048.0 MB in 113.2 s, 18.1 MB/s`. */
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

  /** The speed since the last line. */
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

/** `2048.0 MB`, of a million bytes each. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function rate(bytes: number, seconds: number): string {
  return `${(bytes / 1e6 / Math.max(seconds, 0.001)).toFixed(1)} MB/s`;
}
