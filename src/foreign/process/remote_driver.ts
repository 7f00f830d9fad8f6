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

/** Calls go to the process as it is then: it may have been started again. */
export class RemoteDriver implements Driver {
  readonly #connect: () => Promise<SessionClient>;
  readonly #uuid: string;

  /** @param uuid the one that the process uses */
  constructor(connect: () => Promise<SessionClient>, uuid: string) {
    this.#connect = connect;
    this.#uuid = uuid;
  }

  async call(method: string, args: readonly Value[], call: UnaryContext): Promise<unknown> {
    const client = await this.#connect();
    await using passed = new AsyncDisposableStack();
    const passOn = (arg: Value) => this.#passOn(client, arg, method, call, passed);
    const own = await Promise.all(args.map(passOn));
    return await client.call(this.#uuid, method, own, { signal: call.signal });
  }

  async *stream(method: string, args: readonly Value[], { signal }: CallContext) {
    const client = await this.#connect();
    yield* client.stream(this.#uuid, method, [...args], { signal });
  }

  async bytes(method: string, { signal }: CallContext): Promise<Duplex> {
    return await (await this.#connect()).bytes(this.#uuid, method, { signal });
  }

  /** An argument for the other process: a handle becomes one of its own session. */
  async #passOn(
    client: SessionClient,
    arg: Value,
    method: string,
    call: UnaryContext,
    passed: AsyncDisposableStack,
  ): Promise<unknown> {
    const { success, data } = resourceHandle.safeParse(arg);
    if (!success || data.kind !== "client_stream") return arg;
    const offer = passed.use(await client.offer(this.#uuid, { signal: call.signal }));
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
