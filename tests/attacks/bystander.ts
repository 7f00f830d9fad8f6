/** A well-behaved client during an attack: it calls repeatedly and measures each answer. @module */
import type { SessionAddress } from "../../src/client/connect.ts";

/** The address of an exporter. */
export interface Address {
  readonly session: SessionAddress;
  readonly passphrase?: string;
}

/** The message of its thread after each call. */
export interface Told {
  readonly ms: number;
  readonly uuids?: readonly (readonly [string, string])[];
  readonly failure?: string;
}

/** @see module */
export class Bystander implements Disposable {
  readonly #worker = new Worker(new URL("./bystander_worker.ts", import.meta.url), {
    type: "module",
  });
  readonly #first = Promise.withResolvers<ReadonlyMap<string, string>>();
  #answered = performance.now();
  #slowestMs = 0;
  #failure: string | undefined;

  constructor(address: Address) {
    this.#worker.onmessage = ({ data }: MessageEvent<Told>) => {
      this.#answered = performance.now();
      this.#slowestMs = Math.max(this.#slowestMs, data.ms);
      if (data.uuids) this.#first.resolve(new Map(data.uuids));
      else this.#failure ??= data.failure;
    };
    this.#worker.postMessage(address);
  }

  /** The uuids of the exporter's drivers by name, once it has answered for the first time. */
  get uuids(): Promise<ReadonlyMap<string, string>> {
    return this.#first.promise;
  }

  /** Resets the slowest answer. */
  reset(): void {
    this.#slowestMs = 0;
    this.#failure = undefined;
  }

  /** The slowest answer in milliseconds, including the pending one. */
  get slowestMs(): number {
    return Math.max(this.#slowestMs, performance.now() - this.#answered);
  }

  /** The first error since `reset`. */
  get failure(): string | undefined {
    return this.#failure;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
