/** Chooses conversations, runs them, and records the failures. @module */
import process from "node:process";
import { headers } from "./headers.ts";
import { images } from "./images.ts";
import { Random } from "./random.ts";
import { framesOf, messagesOf, openSession, routerFramesOf } from "./session.ts";
import type { Subject } from "./subject.ts";

/** The most processor time of a conversation, in milliseconds: others may keep the machine busy. */
const SLOW_MS = 200;
/** Longest time of a conversation on the clock, in milliseconds. */
const STUCK_MS = 10_000;
/** How often a slow one is repeated: something may have been compiled or collected meanwhile. */
const AGAIN = 3;
/** Stops after this many failures. */
const ENOUGH = 20;

/** Options of a run. */
export interface FuzzOptions {
  readonly count: number;
  /** Seed of the first conversation; each later one has the next number. */
  readonly seed: number;
  /** A part of the names of the subjects that are chosen. */
  readonly only?: string;
  progress?(line: string): void;
}

/** The outcome of a run. */
export interface Fuzzed {
  /** Conversations by subject. */
  readonly held: Record<string, number>;
  /** The failures, each with the seed that repeats it. */
  readonly failures: string[];
  readonly slowest: { ms: number; what: string };
}

/** Runs `count` conversations, one after the other. */
export async function fuzz({ count, seed, only = "", progress }: FuzzOptions): Promise<Fuzzed> {
  await using session = await openSession();
  const all = [framesOf(session), headers, messagesOf(session), routerFramesOf(session)];
  const subjects = [...all, ...await images()].filter(({ name }) => name.includes(only));
  const result: Fuzzed = { held: {}, failures: [], slowest: { ms: 0, what: "none" } };
  using stray = new StrayErrors();
  for (let at = 0; at < count && result.failures.length < ENOUGH; at++) {
    await holdOne(subjects, seed + at, result, stray);
    if (at % 50_000 === 49_999) progress?.(`${at + 1} conversations`);
  }
  return result;
}

async function holdOne(
  subjects: readonly Subject[],
  seed: number,
  { held, failures, slowest }: Fuzzed,
  stray: StrayErrors,
): Promise<void> {
  const subject = choose(subjects, new Random(seed));
  const what = `${subject.name}, seed ${seed}`;
  held[subject.name] = (held[subject.name] ?? 0) + 1;
  try {
    const ms = await leastTime(subject, seed);
    if (ms > slowest.ms) Object.assign(slowest, { ms, what });
    if (ms > SLOW_MS) failures.push(`${what}: took ${Math.round(ms)} ms of a processor`);
  } catch (error) {
    failures.push(`${what}: ${(error as Error).stack ?? error}`);
  }
  for (const error of stray.take()) failures.push(`${what} or one before it: ${error}`);
}

/**
 * The processor time of a conversation: a slow one is repeated, and its least time counts.
 *
 * @throws {Error} if it takes too long on the clock.
 */
async function leastTime(subject: Subject, seed: number): Promise<number> {
  let least = Infinity;
  for (let times = 0; times <= AGAIN && least > SLOW_MS; times++) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    await subject.converse(new Random(seed ^ 0x5bd1e995));
    const { user, system } = process.cpuUsage(used);
    least = Math.min(least, (user + system) / 1_000);
    const ms = Math.round(performance.now() - start);
    if (ms > STUCK_MS) throw new Error(`it ended after ${ms} ms`);
  }
  return least;
}

function choose(subjects: readonly Subject[], random: Random): Subject {
  const whole = subjects.reduce((sum, { weight }) => sum + weight, 0);
  let left = random.below(1_000_000) / 1_000_000 * whole;
  for (const subject of subjects) {
    left -= subject.weight;
    if (left < 0) return subject;
  }
  return subjects.at(-1)!;
}

/** Errors that nobody catches. */
class StrayErrors implements Disposable {
  #found: string[] = [];
  readonly #onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    this.#found.push(describe(event.reason));
  };
  readonly #onError = (event: ErrorEvent) => {
    event.preventDefault();
    this.#found.push(describe(event.error));
  };

  constructor() {
    addEventListener("unhandledrejection", this.#onRejection);
    addEventListener("error", this.#onError);
  }

  take(): string[] {
    return this.#found.splice(0);
  }

  [Symbol.dispose](): void {
    removeEventListener("unhandledrejection", this.#onRejection);
    removeEventListener("error", this.#onError);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
