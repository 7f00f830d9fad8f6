/**
 * Calls that are repeated until they succeed and streams that are opened again
 * whenever they end. No network trouble ends here: only the signal does.
 *
 * @module
 */
import { type Hurry, sleep } from "../base/sleep.ts";
import { type Attempt, explain, isAnswer, RepeatGuard } from "./trouble.ts";

/** The part of a log that is needed here. */
export interface TroubleLog {
  info(message: string): void;
  warning(message: string): void;
}

/** Is told how calls of a peer fare. */
export interface HealthListener {
  /** A call of `method` has failed, for the reason in `line`. */
  failed(method: string, line: string): void;
  /** A call of `method` has succeeded. */
  succeeded(method: string): void;
}

/** How often to try, and who is told. */
export interface RetryOptions {
  readonly health?: HealthListener | undefined;
  readonly attempt: Attempt;
  readonly log: TroubleLog;
  readonly signal: AbortSignal;
  /** Wait after the first failure, in milliseconds. @default 500 */
  readonly initialMs?: number;
  /** Longest wait, in milliseconds. @default 10_000 */
  readonly maxMs?: number;
  /** Told when a stream has ended early and without an error `count` times in a row. */
  onEarlyEnd?(count: number): void;
  /** Wakes who waits for the next attempt. */
  readonly hurry?: Hurry;
}

/** What has been refused may be allowed any moment, and a refusal costs little. */
const REFUSED_MAX_MS = 4_000;

/** The failures of one call or stream: waits that grow, and a line for each new cause. */
class Failures {
  readonly #options: RetryOptions;
  readonly #guard = new RepeatGuard();
  #count = 0;
  #answered = false;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Says what is wrong and waits; half of the wait is random, so that a fleet spreads out. */
  async wait(error: unknown): Promise<void> {
    const { initialMs = 500, maxMs = 10_000, signal, log, attempt, hurry } = this.#options;
    const answered = isAnswer(error);
    // A peer that answers after an outage is about to work: it is not asked as rarely as one
    // that is away.
    if (answered && !this.#answered) this.#count = 0;
    this.#answered = answered;
    const longest = answered ? Math.min(maxMs, REFUSED_MAX_MS) : maxMs;
    const full = Math.min(initialMs * 2 ** Math.min(this.#count, 30), longest);
    this.#count += 1;
    const line = await explain(error, attempt, signal);
    if (signal.aborted) return;
    this.#options.health?.failed(attempt.method, line);
    if (this.#guard.isNews(line)) log.warning(`${line}; trying again`);
    const ms = full / 2 + Math.random() * full / 2;
    await (hurry ? hurry.sleep(ms, signal) : sleep(ms, signal));
  }

  /** It works. */
  over(): void {
    const { attempt, log, health } = this.#options;
    health?.succeeded(attempt.method);
    if (this.#count > 0) {
      log.info(`${attempt.peer} ${attempt.endpoint}: ${attempt.method} works again`);
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

/** How long a stream that ended without an error rests before it is opened again. */
const REOPEN_MS = 500;

/** Streams that end sooner are taken from us; each rests twice as long as the one before. */
const EARLY_MS = 20_000, LONGEST_REST_MS = 10_000;

/**
 * Reads streams one after the other, for ever. A clean end is as routine as an error
 * (controllers end their streams at will), but is no reason to say anything.
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
