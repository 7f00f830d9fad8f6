/**
 * Repeats calls until they succeed, and opens streams again whenever they end. Only the signal
 * ends that, no trouble of the network.
 *
 * @module
 */
import { ClockWatch } from "../base/clock_watch.ts";
import { sleep, type SleepGroup } from "../base/sleep.ts";
import { explain, isAnswer, type RemoteMethod, RepeatGuard } from "./trouble.ts";

/** Takes the messages about failed calls. */
export interface TroubleLog {
  info(message: string): void;
  warning(message: string): void;
}

/** Observes the outcome of calls. */
export interface HealthListener {
  /** A call of `method` has failed, for the reason in `line`. */
  failed(method: string, line: string): void;
  /** A call of `method` has succeeded. */
  succeeded(method: string): void;
}

/** How calls are repeated, and who is informed. */
export interface RetryOptions {
  readonly health?: HealthListener | undefined;
  readonly target: RemoteMethod;
  readonly log: TroubleLog;
  readonly signal: AbortSignal;
  /** Wait after the first failure, in milliseconds. @default 500 */
  readonly initialMs?: number;
  /** Longest wait, in milliseconds. @default 10_000 */
  readonly maxMs?: number;
  /** Called when a stream has ended early and without an error `count` times in a row. */
  onEarlyEnd?(count: number): void;
  /** The waits before the next attempt, which can be woken. */
  readonly waits?: SleepGroup;
  /** The clock of the host. @default Date.now */
  now?(): number;
}

/** Longest wait after a refusal, in milliseconds: the call may be allowed any moment, and costs little. */
const REFUSED_MAX_MS = 4_000;

/** The failures of one call or stream: growing waits, and a log line for each new cause. */
class Failures {
  readonly #options: RetryOptions;
  readonly #guard = new RepeatGuard();
  #count = 0;
  #answered = false;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Logs the cause and waits; half of the wait is random, to spread the calls of a fleet. */
  async wait(error: unknown): Promise<void> {
    const { initialMs = 500, maxMs = 10_000, signal, log, target } = this.#options;
    const answered = isAnswer(error);
    // After an outage the first answers may still be errors: the waits grow anew from there.
    if (answered && !this.#answered) this.#count = 0;
    this.#answered = answered;
    const longest = answered ? Math.min(maxMs, REFUSED_MAX_MS) : maxMs;
    const full = Math.min(initialMs * 2 ** Math.min(this.#count, 30), longest);
    this.#count += 1;
    const line = await explain(error, target, signal);
    if (signal.aborted) return;
    this.#options.health?.failed(target.method, line);
    if (this.#guard.isNews(line)) log.warning(`${line}; trying again`);
    await this.#rest(full / 2 + Math.random() * full / 2);
  }

  /** A clock that is set may make certificates valid: the waits are short again. */
  async #rest(ms: number): Promise<void> {
    const { signal, waits, now } = this.#options;
    using clock = new ClockWatch(now);
    const either = AbortSignal.any([signal, clock.signal]);
    await (waits ? waits.sleep(ms, either) : sleep(ms, either));
    if (clock.signal.aborted) this.#count = 0;
  }

  /** Ends the series of failures. */
  over(): void {
    const { target, log, health } = this.#options;
    health?.succeeded(target.method);
    if (this.#count > 0) {
      log.info(`${target.peer} ${target.endpoint}: ${target.method} works again`);
    }
    this.#count = 0;
    this.#answered = false;
    this.#guard.reset();
  }
}

/** Repeats `call` until it succeeds; undefined when the signal aborts first. */
export async function untilDone<T>(
  call: () => Promise<T>,
  options: RetryOptions,
): Promise<T | undefined> {
  const failures = new Failures(options);
  while (!options.signal.aborted) {
    try {
      const result = await call();
      failures.over();
      return result;
    } catch (error) {
      if (!options.signal.aborted) await failures.wait(error);
    }
  }
  return undefined;
}

/** Wait before a stream that ended without an error is opened again, in milliseconds. */
const REOPEN_MS = 500;

/** A stream that ends sooner has ended early; the wait after each doubles, up to the longest. */
const EARLY_MS = 20_000, LONGEST_REST_MS = 10_000;

/**
 * Reads streams one after the other until the signal aborts. Controllers end their streams at
 * will, so an end without an error is not logged.
 */
export async function* stayOpen<T>(
  open: () => AsyncIterable<T>,
  options: RetryOptions,
): AsyncGenerator<T> {
  const failures = new Failures(options);
  let early = 0;
  while (!options.signal.aborted) {
    const opened = performance.now();
    try {
      for await (const message of open()) {
        failures.over();
        yield message;
      }
      early = performance.now() - opened < EARLY_MS ? early + 1 : 0;
      if (early > 0 && !options.signal.aborted) options.onEarlyEnd?.(early);
      const rest = REOPEN_MS * 2 ** Math.min(Math.max(early - 1, 0), 10);
      await sleep(Math.min(rest, LONGEST_REST_MS), options.signal);
    } catch (error) {
      if (!options.signal.aborted) await failures.wait(error);
    }
  }
}
