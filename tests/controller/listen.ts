/**
 * The queues between clients that dial and the exporters that listen.
 *
 * @module
 */
import type { ListenResponse } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { OutStream } from "./rpc.ts";
import { Code, RpcError } from "./rpc_error.ts";

/** How many tokens may wait for an exporter that does not read them. */
export const QUEUE_DEPTH = 8;

interface Queue {
  readonly tokens: ListenResponse[];
  readonly stream: OutStream<ListenResponse>;
}

/** At most one queue for each lease: that of the newest Listen. */
export class Listeners {
  readonly #queues = new Map<string, Queue>();
  #stalled = false;

  /** While true, no token leaves its queue, as for an exporter that reads none. */
  set stalled(stalled: boolean) {
    this.#stalled = stalled;
    for (const queue of this.#queues.values()) this.#pump(queue);
  }

  /** Whether someone listens on `lease`. */
  has(lease: string): boolean {
    return this.#queues.has(lease);
  }

  /** Sends the tokens of `lease` to `stream`; an older one gets the rest of its own and ends. */
  open(lease: string, stream: OutStream<ListenResponse>): void {
    const older = this.#queues.get(lease);
    const queue: Queue = { tokens: [], stream };
    this.#queues.set(lease, queue);
    stream.onDrain(() => this.#pump(queue));
    stream.onClose(() => {
      if (this.#queues.get(lease) === queue) this.#queues.delete(lease);
    });
    if (!older) return;
    for (const token of older.tokens.splice(0)) older.stream.write(token);
    older.stream.end();
  }

  /**
   * Sends a token to the listener on `lease`, without waiting.
   * @throws {RpcError} if nobody listens or the queue is full
   */
  offer(lease: string, name: string, token: ListenResponse): void {
    const queue = this.#queues.get(lease);
    if (!queue) {
      throw new RpcError(Code.UNAVAILABLE, `exporter is not listening on lease ${name}`);
    }
    if (queue.tokens.length >= QUEUE_DEPTH) {
      throw new RpcError(Code.RESOURCE_EXHAUSTED, `too many pending connections on lease ${name}`);
    }
    queue.tokens.push(token);
    this.#pump(queue);
  }

  #pump({ tokens, stream }: Queue): void {
    while (!this.#stalled && !stream.full) {
      const token = tokens.shift();
      if (!token) return;
      stream.write(token);
    }
  }
}
