/** Limits how long a child may take with each of its drivers while it starts. @module */
import { DriverError } from "../../wire/error.ts";

/** What a child does with a driver. */
export interface Step {
  readonly step: "make" | "reset" | "close";
  /** The driver's names, joined by dots. */
  readonly path: string;
}

/** How long a driver may take that failed the last time, in ms. */
const SUSPECT_MS = 5_000;

/** A driver cannot be used in a process with others, which can do without it. */
export class DriverFails extends DriverError {
  override name = "DriverFails";
  readonly path: string;

  /** @param found what was found instead of the end of the step. */
  constructor({ step, path }: Step, within: string, found: string) {
    const what = step === "make" ? "its constructor" : `its ${step}()`;
    super(`expected that ${what} returns${within}, found that it ${found}`);
    this.path = path;
  }
}

/** How a start is limited. */
export interface StepLimitOptions {
  /** How long each step may take, and what comes before the first one. */
  readonly ms: number;
  readonly signal: AbortSignal;
  /** Whether a driver failed the last time. */
  isSuspect(path: string): boolean;
}

/** @see module */
export class StepLimit implements Disposable {
  readonly #options: StepLimitOptions;
  readonly #abort = new AbortController();
  /** Aborted when a step takes too long, and with the signal of the options. */
  readonly signal: AbortSignal;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: StepLimitOptions) {
    this.#options = options;
    this.signal = AbortSignal.any([options.signal, this.#abort.signal]);
    const { ms } = options;
    this.#within(ms, () => {
      return new DriverError(`the Python drivers took longer than ${ms / 1000} s to start`);
    });
  }

  /** Notes that the child begins a step. */
  begin(step: Step): void {
    const { ms, isSuspect } = this.#options;
    const limit = isSuspect(step.path) ? Math.min(ms, SUSPECT_MS) : ms;
    this.#within(limit, () => new DriverFails(step, ` within ${limit / 1000} s`, "hangs"));
  }

  #within(ms: number, late: () => DriverError): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(late()), ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
