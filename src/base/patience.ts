/** Waits that end: by what they wait for, by their bound, or by a signal. @module */

/** What ends a wait early. */
export interface Patience {
  readonly signal?: AbortSignal | undefined;
  /** Longest wait in milliseconds. @default no bound but the signal */
  readonly boundMs?: number | undefined;
  /** The error of a wait that took longer than its bound. */
  readonly late?: () => Error;
}

/**
 * The outcome of `promise`, which is left to itself when the wait ends early.
 *
 * @throws the signal's reason, or what `late` says.
 */
export async function patiently<T>(
  promise: Promise<T>,
  { signal, boundMs, late = () => new Error("took too long") }: Patience,
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal!.reason);
  const timer = boundMs === undefined ? undefined : setTimeout(() => reject(late()), boundMs);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    // Where the wait has ended early nobody listens to it any more.
    promise.catch(() => {});
  }
}

/** Waits for `ms` milliseconds. @throws the signal's reason when it aborts. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await patiently(promise, { signal });
  } finally {
    clearTimeout(timer);
  }
}
