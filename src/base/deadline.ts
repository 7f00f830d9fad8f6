/** Bounds on waiting: by time, by a signal, or by both. @module */
import { sleep } from "./sleep.ts";

/** What ends a wait early. */
export interface Bound {
  /** Longest wait in milliseconds. @default no bound but the signal */
  readonly ms?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of a wait that took longer than `ms`. @default a TimeoutError */
  readonly late?: () => unknown;
}

/**
 * The outcome of `promise`. When the bound comes first, the promise is left to itself: nothing
 * is cancelled, and its later error is ignored.
 *
 * @throws the signal's reason when it aborts, and the result of `late` when `ms` have passed.
 */
export async function withDeadline<T>(
  promise: PromiseLike<T>,
  { ms, signal, late = () => timeout(ms!) }: Bound,
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal!.reason);
  const timer = ms === undefined ? undefined : setTimeout(() => reject(late()), ms);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    // The race also marks the later error of `promise` as handled.
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Waits for `promise`, but no longer than `ms` milliseconds, nor beyond an abort of `signal`.
 *
 * @returns whether it was fulfilled in time.
 * @throws the error of `promise` if it fails in time.
 */
export async function fulfilledWithin(
  ms: number,
  promise: PromiseLike<unknown>,
  signal?: AbortSignal,
): Promise<boolean> {
  using race = new Deadline({ signal });
  const late = sleep(ms, race.signal).then(() => false);
  return await Promise.race([promise.then(() => true), late]);
}

/** A signal for several steps: it follows another signal, and aborts by itself in time. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #follow = () => this.#controller.abort(this.#outer!.reason);

  constructor({ ms, signal, late = () => timeout(ms!) }: Bound) {
    this.#outer = signal;
    if (ms !== undefined) this.#timer = setTimeout(() => this.#controller.abort(late()), ms);
    signal?.addEventListener("abort", this.#follow);
    if (signal?.aborted) this.#follow();
  }

  /** Ends the wait, and aborts the signal for whatever still listens to it. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#follow);
    this.#controller.abort(new DOMException("the work under this deadline ended", "AbortError"));
  }
}

function timeout(ms: number): DOMException {
  return new DOMException(`no end within ${ms / 1000} s`, "TimeoutError");
}
