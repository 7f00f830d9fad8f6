/**
 * Records calls in order, and waits for later ones.
 *
 * @module
 */
import type { Metadata } from "@grpc/grpc-js";
import type {
  CreateLeaseRequest,
  DeleteLeaseRequest,
  UpdateLeaseRequest,
} from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import type {
  DialRequest,
  ListenRequest,
  RegisterRequest,
  ReleaseLeaseRequest,
  ReportStatusRequest,
  UnregisterRequest,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";

/** The message types of the methods that tests look into; other messages are unknown. */
export interface Messages {
  Register: RegisterRequest;
  Unregister: UnregisterRequest;
  ReportStatus: ReportStatusRequest;
  Listen: ListenRequest;
  Dial: DialRequest;
  ReleaseLease: ReleaseLeaseRequest;
  CreateLease: CreateLeaseRequest;
  UpdateLease: UpdateLeaseRequest;
  DeleteLease: DeleteLeaseRequest;
}

/** The message type of the method `M`. */
export type MessageOf<M extends string> = M extends keyof Messages ? Messages[M] : unknown;

/** One call as it came in, before anything is checked. */
export interface Call<M extends string = string> {
  /** Position in the record, from 0. */
  readonly index: number;
  /** Without its service: `Register`. */
  readonly method: M;
  readonly message: MessageOf<M>;
  /** Every key with all its values. */
  readonly metadata: Readonly<Record<string, string[]>>;
  /** Host and port of the caller. */
  readonly peer: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Selects calls among those of a method. */
export type Predicate<M extends string> = (message: MessageOf<M>, call: Call<M>) => boolean;

/** All calls since the start. */
export class Recorder {
  readonly calls: Call[] = [];
  readonly #seen = new Map<string, number>();
  readonly #waiters = new Set<() => void>();

  /** Records a call and wakes those that wait for it. */
  add(method: string, message: unknown, metadata: Metadata, peer: string): void {
    const index = this.calls.length;
    this.calls.push({ index, method, message, metadata: spread(metadata), peer, time: Date.now() });
    for (const wake of this.#waiters) wake();
  }

  /** The calls of one method so far. */
  of<M extends string>(method: M): Call<M>[] {
    return this.calls.filter((call) => call.method === method) as Call<M>[];
  }

  /**
   * The first matching call of `method`, earlier or later, after the one that this returned last.
   * @throws {Error} after `timeoutMs`, listing the calls that were made instead
   */
  async next<M extends string>(
    method: M,
    predicate: Predicate<M> = () => true,
    timeoutMs = 30_000,
  ): Promise<Call<M>> {
    const start = this.#seen.get(method) ?? 0;
    const find = () =>
      this.of(method).find((call) => call.index >= start && predicate(call.message, call));
    const call = find() ?? await this.#wait(find, timeoutMs);
    if (!call) throw new Error(this.#explain(method, start, timeoutMs));
    this.#seen.set(method, call.index + 1);
    return call;
  }

  #wait<T>(find: () => T | undefined, timeoutMs: number): Promise<T | undefined> {
    return new Promise((resolve) => {
      const finish = (found: T | undefined) => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve(found);
      };
      const wake = () => {
        const found = find();
        if (found) finish(found);
      };
      const timer = setTimeout(() => finish(undefined), timeoutMs);
      this.#waiters.add(wake);
    });
  }

  #explain(method: string, start: number, timeoutMs: number): string {
    const since = this.calls.slice(start)
      .map((call) => `${call.method} ${JSON.stringify(call.message)}`).join("\n  ");
    return `Cannot see a call: expected ${method} within ${timeoutMs} ms, found:\n  ${since}`;
  }
}

function spread(metadata: Metadata): Record<string, string[]> {
  const keys = Object.keys(metadata.getMap());
  return Object.fromEntries(keys.map((key) => [key, metadata.get(key).map(String)]));
}
