/** Inside the worker: one open driver. @module */
import type { Duplex } from "node:stream";
import { toValue, type Value } from "../../wire/value.ts";
import {
  type CallContext,
  type Driver,
  DriverError,
  type DriverFactory,
  type DriverLog,
} from "../../driver/mod.ts";
import { type Channel, join } from "./bytes.ts";
import type { MethodNames, OpenRequest } from "./protocol.ts";
import type { Resources } from "../../driver/resources.ts";

/** What an instance needs of the exporter. */
export interface Outside {
  readonly log: DriverLog;
  /** Calls a method of a child driver. */
  child(child: string, method: string, args: readonly Value[], call: CallContext): Promise<Value>;
}

/** One open driver: its lease, its scope and its methods. */
export class Instance {
  readonly #lease = new AbortController();
  readonly #scope = new AsyncDisposableStack();
  readonly #channels = new Set<Channel>();
  #driver: Driver = {};

  /** Opens the driver and tells its methods. */
  async open(
    factory: DriverFactory,
    { config, path, children }: OpenRequest,
    { log, child }: Outside,
  ): Promise<MethodNames> {
    const driver: unknown = await factory.open({
      config: await factory.config.parseAsync(config),
      path,
      log,
      scope: this.#scope,
      signal: this.#lease.signal,
      children: new Map(
        Object.entries(children).map(([name, methods]) => [name, proxyChild(name, methods, child)]),
      ),
    });
    this.#driver = checkDriver(driver);
    return {
      calls: Object.keys(this.#driver.calls ?? {}),
      streams: Object.keys(this.#driver.streams ?? {}),
      bytes: Object.keys(this.#driver.bytes ?? {}),
    };
  }

  /** Tells the driver that its lease ends. */
  abort(): void {
    this.#lease.abort();
  }

  /** Gives back everything that the driver took. */
  async close(): Promise<void> {
    this.abort();
    for (const channel of this.#channels) channel.destroy();
    await this.#scope.disposeAsync();
  }

  /** Calls a unary method. */
  async call(
    method: string,
    args: readonly Value[],
    signal: AbortSignal,
    resources: Resources,
  ): Promise<Value> {
    const call = { signal: this.#either(signal), resources };
    return toValue(await this.#driver.calls![method]!(args, call));
  }

  /** Starts a stream method. */
  iterate(method: string, args: readonly Value[], signal: AbortSignal): AsyncIterator<unknown> {
    return iterate(this.#driver.streams![method]!(args, { signal: this.#either(signal) }));
  }

  /** Opens a byte stream and joins it to `channel`. */
  async connect(method: string, channel: Channel, signal: AbortSignal): Promise<void> {
    const stream = new AbortController();
    const opening = AbortSignal.any([signal, stream.signal]);
    this.#channels.add(channel);
    channel.once("close", () => {
      this.#channels.delete(channel);
      stream.abort();
    });
    try {
      const call = { signal: this.#either(opening) };
      const device = checkDuplex(await this.#driver.bytes![method]!(call), method);
      if (channel.destroyed) device.destroy();
      else join(channel, device);
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }

  #either(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#lease.signal]);
  }
}

/** `for await` takes both kinds of iterables, and so does this. */
async function* iterate(items: AsyncIterable<unknown> | Iterable<unknown>) {
  yield* items;
}

function proxyChild(name: string, methods: readonly string[], child: Outside["child"]): Driver {
  const calls = methods.map((method) =>
    [
      method,
      (args: readonly Value[], call: CallContext) => child(name, method, args, call),
    ] as const
  );
  return { calls: Object.fromEntries(calls) };
}

function checkDriver(driver: unknown): Driver {
  if (typeof driver !== "object" || driver === null) {
    throw new DriverError(
      `expected open() to return { calls, streams, bytes }, found ${String(driver)}; return {} ` +
        "at least",
    );
  }
  for (const kind of ["calls", "streams", "bytes"] as const) {
    for (const [name, method] of Object.entries((driver as Driver)[kind] ?? {})) {
      if (typeof method === "function") continue;
      throw new DriverError(`expected ${kind}.${name} to be a function, found ${typeof method}`);
    }
  }
  return driver as Driver;
}

function checkDuplex(device: unknown, method: string): Duplex {
  if (typeof (device as Duplex | undefined)?.pipe === "function") return device as Duplex;
  throw new DriverError(`expected bytes.${method} to return a Duplex of node:stream`);
}
