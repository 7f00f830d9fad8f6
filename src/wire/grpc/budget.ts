/**
 * How much memory calls may take in all: messages that are unfinished or wait to be
 * read, answers that wait to leave, and what requests were decoded to. Where it comes
 * close to the limit, calls are slowed down; beyond, the one that takes most is ended.
 *
 * @module
 */

import { MemoryRelease } from "./memory_release.ts";

/** Somebody who takes memory. */
export interface BudgetedCall {
  /** Must free what it takes and end; what it takes from then on is no longer counted. */
  evict(reason: string): void;
}

/** Bounds, in bytes. */
export interface BudgetLimits {
  /** Of one connection. */
  readonly connection: number;
  /** Of all connections together. */
  readonly total: number;
}

/**
 * A quarter of it is more than any client at work needs: the windows of flow control are
 * 16 MiB a connection. What is decoded lies in a heap of 256 MB.
 */
const LIMITS: BudgetLimits = { connection: 64 * 1024 * 1024, total: 128 * 1024 * 1024 };

/** From this part of a limit on, calls are slowed down. */
const TIGHT = 1 / 4;

/** At most one line in this time says that calls were ended, in milliseconds. */
const REPORT_MS = 10_000;

/** The memory of all calls of a process. */
export class Budget {
  readonly limits: BudgetLimits;
  readonly #shares = new Set<Share>();
  readonly #release = new MemoryRelease();
  /** Bytes that are taken. */
  held = 0;
  #evicted = 0;
  #reported = -Infinity;

  constructor(limits: BudgetLimits = LIMITS) {
    this.limits = limits;
  }

  /** The part of one connection; it needs no end, once its calls have one. */
  open(report: (line: string) => void = () => {}): Share {
    return new Share(this, report);
  }

  /** @internal `share` has more or less than before. */
  changed(share: Share, bytes: number): void {
    this.held += bytes;
    this.#release.watch(this.held);
    if (share.held > 0) this.#shares.add(share);
    else this.#shares.delete(share);
    while (this.held > this.limits.total) {
      const largest = largestOf(this.#shares, ({ held }) => held)!;
      largest.evict(`the calls of all clients keep more than ${this.limits.total} bytes in memory`);
    }
  }

  /** @internal A call is ended; whether it is time to say so: how many were since the last time. */
  countEviction(): number | undefined {
    this.#evicted += 1;
    const now = performance.now();
    if (now - this.#reported < REPORT_MS) return undefined;
    const count = this.#evicted;
    this.#reported = now;
    this.#evicted = 0;
    return count;
  }
}

/** What the calls of one connection take. */
export class Share {
  readonly #budget: Budget;
  readonly #report: (line: string) => void;
  readonly #calls = new Map<BudgetedCall, number>();
  held = 0;

  constructor(budget: Budget, report: (line: string) => void) {
    this.#budget = budget;
    this.#report = report;
  }

  /** Whether calls should take no more than they must. */
  get tight(): boolean {
    const { held, limits } = this.#budget;
    return this.held > limits.connection * TIGHT || held > limits.total * TIGHT;
  }

  /** `call` takes `bytes` now. May evict it, or another. */
  set(call: BudgetedCall, bytes: number): void {
    const change = bytes - (this.#calls.get(call) ?? 0);
    if (change === 0) return;
    if (bytes > 0) this.#calls.set(call, bytes);
    else this.#calls.delete(call);
    this.held += change;
    this.#budget.changed(this, change);
    const { connection } = this.#budget.limits;
    while (this.held > connection) {
      this.evict(`the calls of one client keep more than ${connection} bytes in memory`);
    }
  }

  /** @internal Ends the call that takes most. */
  evict(reason: string): void {
    const [call] = largestOf(this.#calls, ([, bytes]) => bytes)!;
    this.set(call, 0);
    const count = this.#budget.countEviction();
    if (count !== undefined) this.#report(`ended ${count} calls of clients: ${reason}`);
    call.evict(`${reason}, and this one most`);
  }
}

function largestOf<Item>(items: Iterable<Item>, sizeOf: (item: Item) => number): Item | undefined {
  let largest: Item | undefined;
  let most = -1;
  for (const item of items) {
    const size = sizeOf(item);
    if (size > most) [largest, most] = [item, size];
  }
  return largest;
}
