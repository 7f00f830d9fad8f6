/** A driver on the other side of the worker boundary, in either direction. @module */
import type { Duplex } from "node:stream";
import { toValue, type Value } from "../../wire/value.ts";
import type { CallContext, Driver, UnaryContext } from "../../driver/mod.ts";
import type { Resources } from "../../driver/resources.ts";
import type { Channels } from "./channel.ts";
import type { DriverOps, Note, Target } from "./protocol.ts";

/** Sends the requests of {@linkcode DriverOps}; implemented by `Rpc`. */
interface Requests {
  request<K extends keyof DriverOps>(
    op: K,
    request: Parameters<DriverOps[K]>[0],
    signal?: AbortSignal,
  ): Promise<ReturnType<DriverOps[K]>>;
  note(note: Note): void;
}

/** The connection to the other side. */
export interface Border {
  readonly rpc: Requests;
  readonly channels: Channels;
  /** The resources of the running calls, by the number of the call. */
  readonly calls: Map<number, Resources>;
  /** Returns the next number for a call, stream or channel that this side begins. */
  nextId(): number;
}

/** The driver that `target` names on the other side. */
export class RemoteDriver implements Driver {
  readonly #border: Border;
  readonly #target: Target;

  constructor(border: Border, target: Target) {
    this.#border = border;
    this.#target = target;
  }

  async call(
    method: string,
    args: readonly Value[],
    { signal, resources }: UnaryContext,
  ): Promise<unknown> {
    const { rpc, calls, nextId } = this.#border;
    const call = nextId();
    calls.set(call, resources);
    try {
      const request = { target: this.#target, method, args: args.map(toValue), call };
      return await rpc.request("call", request, signal);
    } finally {
      calls.delete(call);
    }
  }

  /** Requests an item only when the consumer asks for it, which is the backpressure. */
  async *stream(
    method: string,
    args: readonly Value[],
    { signal }: CallContext,
  ): AsyncGenerator<Value> {
    const { rpc, nextId } = this.#border;
    const stream = nextId();
    const finish = () => rpc.note({ op: "finish", stream });
    signal.addEventListener("abort", finish, { once: true });
    try {
      const request = { target: this.#target, method, args: args.map(toValue), stream };
      await rpc.request("iterate", request, signal);
      while (true) {
        const { done, value } = await rpc.request("next", { stream }, signal);
        if (done) return;
        yield value;
      }
    } finally {
      signal.removeEventListener("abort", finish);
      finish();
    }
  }

  async bytes(method: string, { signal }: CallContext): Promise<Duplex> {
    const { rpc, channels, nextId } = this.#border;
    const id = nextId();
    const channel = channels.open(id);
    try {
      await rpc.request("connect", { target: this.#target, method, channel: id }, signal);
      return channel;
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }
}
