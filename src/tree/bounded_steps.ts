/** Steps of a driver's life in bounded time. @module */
import { Deadline, withDeadline } from "../base/deadline.ts";
import { Timeout } from "../wire/error.ts";
import type { LoadedDriver } from "./entry.ts";

/** The limit of a probe, in milliseconds. */
const PROBE_MS = 5_000;

/** The bounds of a probe. */
export interface ProbeBounds {
  /** @default 5_000 */
  readonly ms?: number;
  readonly signal?: AbortSignal;
}

/** Runs the driver's probe. @returns the problem that it finds; undefined for none, or no probe */
export async function probeDriver(
  { implementation, config }: Pick<LoadedDriver, "implementation" | "config">,
  { ms = PROBE_MS, signal: outer }: ProbeBounds = {},
): Promise<unknown> {
  const late = () => new Error(`the probe did not end within ${ms / 1000} s`);
  using deadline = new Deadline({ ms, signal: outer, late });
  const { signal } = deadline;
  try {
    await withDeadline(Promise.resolve(implementation.probe?.({ config, signal })), { signal });
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The outcome of a step. @throws {Timeout} `it did not close within 10 s` */
export async function within<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const late = () => new Timeout(`${what} within ${ms / 1000} s`);
  return await withDeadline(promise, { ms, late });
}
