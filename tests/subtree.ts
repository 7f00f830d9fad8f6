/**
 * A driver whose whole subtree is served by another process: it connects to the session of that
 * process, reports its drivers as parts, and passes calls, streams, bytes and handles on.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { connectSession } from "../src/client/connect.ts";
import type { SessionClient } from "../src/client/session_client.ts";
import {
  type CallContext,
  declareDriver,
  type Driver,
  type OpenContext,
  type Part,
  type ResourceHandle,
  resourceHandle,
  type UnaryContext,
  type Value,
  z,
} from "../src/driver/mod.ts";
import type { DriverInstanceReport } from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";

const CLIENT = "jumpstarter.dev/client";
const NAME = "jumpstarter.dev/name";

interface Subtree {
  readonly socket: string;
  readonly rows: readonly DriverInstanceReport[];
}

/** Asks the other process what it has, as a config is read. */
const config = z.strictObject({ socket: z.string() }).transform(
  async ({ socket }): Promise<Subtree> => {
    await using client = await connectSession({ kind: "unix", path: socket });
    return { socket, rows: (await client.report()).reports };
  },
);

/** @see module */
export const subtree = declareDriver({
  type: "test.Subtree",
  client: "jumpstarter_driver_composite.client.CompositeClient",
  config,
  parts: ({ rows }) => partsOf(rows, rows[0]!.uuid),
  load: () =>
    Promise.resolve({
      open: async ({ config: { socket, rows }, scope }: OpenContext<Subtree>) => {
        const client = scope.use(await connectSession({ kind: "unix", path: socket }));
        return new ForeignDriver(client, rows, rows[0]!.uuid);
      },
    }),
});

function childrenOf(rows: readonly DriverInstanceReport[], parent: string) {
  return rows.filter(({ parentUuid }) => parentUuid === parent);
}

function partsOf(rows: readonly DriverInstanceReport[], parent: string): Part[] {
  return childrenOf(rows, parent).map(({ uuid, labels, methodsDescription }) => ({
    name: labels[NAME]!,
    client: labels[CLIENT]!,
    methodsDescription,
    parts: partsOf(rows, uuid),
  }));
}

class ForeignDriver implements Driver {
  readonly #client: SessionClient;
  readonly #rows: readonly DriverInstanceReport[];
  readonly #uuid: string;

  constructor(client: SessionClient, rows: readonly DriverInstanceReport[], uuid: string) {
    this.#client = client;
    this.#rows = rows;
    this.#uuid = uuid;
  }

  async call(method: string, args: readonly Value[], call: UnaryContext): Promise<unknown> {
    await using passed = new AsyncDisposableStack();
    const passOn = (arg: Value) => this.#passOn(arg, method, call, passed);
    const own = await Promise.all(args.map(passOn));
    return await this.#client.call(this.#uuid, method, own, { signal: call.signal });
  }

  stream(method: string, args: readonly Value[], { signal }: CallContext) {
    return this.#client.stream(this.#uuid, method, [...args], { signal });
  }

  bytes(method: string, { signal }: CallContext): Promise<Duplex> {
    return this.#client.bytes(this.#uuid, method, { signal });
  }

  part([name, ...rest]: readonly string[]): Driver | undefined {
    if (name === undefined) return this;
    const row = childrenOf(this.#rows, this.#uuid).find(({ labels }) => labels[NAME] === name);
    return row && new ForeignDriver(this.#client, this.#rows, row.uuid).part(rest);
  }

  /** An argument for the other process: a handle becomes one of its own session. */
  async #passOn(
    arg: Value,
    method: string,
    call: UnaryContext,
    passed: AsyncDisposableStack,
  ): Promise<unknown> {
    const { success, data } = resourceHandle.safeParse(arg);
    if (!success) return arg;
    const offer = passed.use(await this.#client.offer(this.#uuid, { signal: call.signal }));
    const moving = method === "dump"
      ? call.resources.write(data as ResourceHandle, offer.receive())
      : call.resources.read(data as ResourceHandle).then((source) => offer.send(source));
    // What breaks it breaks the call as well; what the call has not waited for ends with it.
    moving.catch(() => {});
    passed.defer(() => moving.then(() => {}, () => {}));
    return { ...offer.handle };
  }
}
