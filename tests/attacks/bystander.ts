/** A well-behaved client beside an attack: it asks on, and keeps how long each answer took. @module */
import type { TunnelOptions } from "../controller/tunnel_client.ts";

/** Where a client finds the exporter. */
export interface Address {
  /** Of gRPC; undefined where a tunnel leads there. */
  readonly endpoint?: string;
  readonly caPem?: string;
  readonly passphrase?: string;
  readonly tunnel?: TunnelOptions;
}

/** What its thread tells after each question. */
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

  /** Forgets what was slow so far. */
  reset(): void {
    this.#slowestMs = 0;
    this.#failure = undefined;
  }

  /** The slowest answer, the one included that has not come yet, in milliseconds. */
  get slowestMs(): number {
    return Math.max(this.#slowestMs, performance.now() - this.#answered);
  }

  /** The first question since `reset` that was answered with an error. */
  get failure(): string | undefined {
    return this.#failure;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
