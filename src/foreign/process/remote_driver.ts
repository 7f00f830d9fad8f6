/** A driver of another process, as the exporter's own drivers call it. @module */
import type { Duplex } from "node:stream";
import type { SessionClient } from "../../client/session_client.ts";
import {
  type CallContext,
  type Driver,
  type ResourceHandle,
  resourceHandle,
  type UnaryContext,
  type Value,
} from "../../driver/mod.ts";

/** A process as it is for one call, and the uuid by which it knows the driver. */
export interface Connected {
  readonly client: SessionClient;
  readonly uuid: string;
}

/** Calls go to the process as it is then: it may have been started again. */
export class RemoteDriver implements Driver {
  readonly #connect: () => Promise<Connected>;

  constructor(connect: () => Promise<Connected>) {
    this.#connect = connect;
  }

  async call(method: string, args: readonly Value[], call: UnaryContext): Promise<unknown> {
    const connected = await this.#connect();
    await using passed = new AsyncDisposableStack();
    const passOn = (arg: Value) => this.#passOn(connected, arg, method, call, passed);
    const own = await Promise.all(args.map(passOn));
    const { client, uuid } = connected;
    return await client.call(uuid, method, own, { signal: call.signal });
  }

  async *stream(method: string, args: readonly Value[], { signal }: CallContext) {
    const { client, uuid } = await this.#connect();
    yield* client.stream(uuid, method, [...args], { signal });
  }

  async bytes(method: string, { signal }: CallContext): Promise<Duplex> {
    const { client, uuid } = await this.#connect();
    return await client.bytes(uuid, method, { signal });
  }

  /** An argument for the other process: a handle becomes one of its own session. */
  async #passOn(
    { client, uuid }: Connected,
    arg: Value,
    method: string,
    call: UnaryContext,
    passed: AsyncDisposableStack,
  ): Promise<unknown> {
    const { success, data } = resourceHandle.safeParse(arg);
    if (!success || data.kind !== "client_stream") return arg;
    const offer = passed.use(await client.offer(uuid, { signal: call.signal }));
    const handle: ResourceHandle = data;
    const moving = method === "dump"
      ? call.resources.write(handle, offer.receive())
      : call.resources.read(handle).then((source) => offer.send(source));
    // What breaks it breaks the call as well; what the call has not waited for ends with it.
    moving.catch(() => {});
    passed.defer(() => moving.then(() => {}, () => {}));
    return { ...offer.handle };
  }
}
