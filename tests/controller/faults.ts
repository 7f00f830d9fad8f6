/**
 * Injected faults: each affects the next calls of one method and is then used up.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Code, RpcError } from "./rpc_error.ts";

/** The answer to every authenticated call in the first seconds of the real controller. */
export const NOT_INITIALIZED = new RpcError(
  Code.UNKNOWN,
  "oidc: authenticator not initialized",
);

/** The outcome: handle the call, or answer at once without effect. */
export type Verdict = "go on" | "drop";

type Fault = (signal: AbortSignal) => Promise<Verdict>;

/** The pending faults, by method. */
export class Faults {
  readonly #queues = new Map<string, Fault[]>();

  /** The next `times` calls fail with `error`; a stream fails when it is opened. */
  fail(method: string, error: RpcError, times = 1): void {
    this.#add(method, times, () => Promise.reject(error));
  }

  /** The next `times` calls are handled `ms` milliseconds later. */
  delay(method: string, ms: number, times = 1): void {
    this.#add(method, times, (signal) => sleep(ms, "go on" as const, { signal }));
  }

  /** The next `times` unary calls are answered with an empty message and have no effect. */
  drop(method: string, times = 1): void {
    this.#add(method, times, () => Promise.resolve("drop"));
  }

  /** The next `times` calls are never answered. */
  hang(method: string, times = 1): void {
    this.#add(method, times, (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      }));
  }

  /** Forgets every fault. */
  clear(): void {
    this.#queues.clear();
  }

  /**
   * Applies the next fault of `method`, if any.
   * @throws {RpcError} if the call has to fail
   */
  async apply(method: string, signal: AbortSignal): Promise<Verdict> {
    const fault = this.#queues.get(method)?.shift();
    return await fault?.(signal) ?? "go on";
  }

  #add(method: string, times: number, fault: Fault): void {
    const queue = this.#queues.get(method) ?? [];
    for (let count = 0; count < times; count++) queue.push(fault);
    this.#queues.set(method, queue);
  }
}
