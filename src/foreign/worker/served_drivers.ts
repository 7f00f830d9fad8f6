/** Serves the drivers of this side to the other side of the worker boundary. @module */
import type { Duplex } from "node:stream";
import { toValue } from "../../wire/value.ts";
import { type Driver, DriverError } from "../../driver/mod.ts";
import type { Resources } from "../../driver/resources.ts";
import { type Channels, join } from "./channel.ts";
import type { DriverOps, Target } from "./protocol.ts";
import type { Handlers } from "./rpc.ts";

/** A driver for the other side, and when its use ends. */
export interface Served {
  readonly driver: Driver;
  /** Aborted when the driver's lease ends. */
  readonly lease?: AbortSignal;
  /** Aborted when the driver is closed, and with it its byte streams. */
  readonly closed?: AbortSignal;
}

/** The drivers to serve, and what their calls need. */
export interface ServedDriversOptions {
  /** @throws {DriverError} if there is no such driver */
  find(target: Target): Served;
  /** The resources of a call. */
  resources(call: number): Resources;
  channels(): Channels;
}

/** A running stream method. */
interface Stream {
  readonly items: AsyncIterator<unknown>;
  readonly left: AbortController;
}

/** Answers the requests of {@linkcode RemoteDriver}. */
export class ServedDrivers {
  readonly #options: ServedDriversOptions;
  readonly #streams = new Map<number, Stream>();

  constructor(options: ServedDriversOptions) {
    this.#options = options;
  }

  /** The handler of each request. */
  get handlers(): Handlers<DriverOps> {
    return {
      call: async ({ target, method, args, call }, signal) => {
        const { driver, lease } = this.#options.find(target);
        const context = { signal: either(signal, lease), resources: this.#options.resources(call) };
        return toValue(await driver.call(method, args, context));
      },
      iterate: ({ target, method, args, stream }) => {
        const { driver, lease } = this.#options.find(target);
        const left = new AbortController();
        const items = driver.stream(method, args, { signal: either(left.signal, lease) });
        this.#streams.set(stream, { items: iterate(items), left });
      },
      next: async ({ stream }) => {
        const { done, value } = await this.#running(stream).items.next();
        return { done: done === true, value: toValue(value) };
      },
      connect: ({ target, method, channel }, signal) =>
        this.#connect(target, method, channel, signal),
    };
  }

  /** Ends a stream that the other side no longer reads. */
  finish(stream: number): void {
    const { items, left } = this.#streams.get(stream) ?? {};
    this.#streams.delete(stream);
    left?.abort();
    // An error here has no recipient.
    items?.return?.()?.catch(() => {});
  }

  #running(stream: number): Stream {
    const running = this.#streams.get(stream);
    if (!running) throw new DriverError("Cannot read a stream that has ended");
    return running;
  }

  /** Opens a byte stream and connects it to a channel until one of them closes. */
  async #connect(target: Target, method: string, id: number, signal: AbortSignal): Promise<void> {
    const channel = this.#options.channels().open(id);
    try {
      const { driver, lease, closed } = this.#options.find(target);
      const left = new AbortController();
      const end = () => channel.destroy();
      closed?.addEventListener("abort", end);
      channel.once("close", () => {
        closed?.removeEventListener("abort", end);
        left.abort();
      });
      const opening = either(AbortSignal.any([signal, left.signal]), lease);
      const device = checkDuplex(await driver.bytes(method, { signal: opening }), method);
      if (channel.destroyed) device.destroy();
      else join(channel, device);
    } catch (error) {
      channel.destroy();
      throw error;
    }
  }
}

function either(signal: AbortSignal, lease: AbortSignal | undefined): AbortSignal {
  return lease ? AbortSignal.any([signal, lease]) : signal;
}

/** Iterates over either kind of iterable, as `for await` does. */
async function* iterate(items: AsyncIterable<unknown> | Iterable<unknown>) {
  yield* items;
}

function checkDuplex(device: unknown, method: string): Duplex {
  if (typeof (device as Duplex | undefined)?.pipe === "function") return device as Duplex;
  throw new DriverError(`expected bytes.${method} to return a Duplex of node:stream`);
}
