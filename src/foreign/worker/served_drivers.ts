/** Drivers of this side of a worker's border, as the other side uses them. @module */
import type { Duplex } from "node:stream";
import { toValue } from "../../wire/value.ts";
import { type Driver, DriverError } from "../../driver/mod.ts";
import type { Resources } from "../../driver/resources.ts";
import { type Channels, join } from "./channel.ts";
import type { DriverOps, Target } from "./protocol.ts";
import type { Handlers } from "./rpc.ts";

/** A driver that the other side may use, and until when. */
export interface Served {
  readonly driver: Driver;
  /** Aborted when the driver's lease ends. */
  readonly lease?: AbortSignal;
  /** Aborted when the driver is closed, and with it its byte streams. */
  readonly closed?: AbortSignal;
}

/** What is served, and how. */
export interface ServedDriversOptions {
  /** @throws {DriverError} where there is no such driver */
  find(target: Target): Served;
  /** What the handles of a call lead to. */
  resources(call: number): Resources;
  channels(): Channels;
}

/** A running stream method. */
interface Stream {
  readonly items: AsyncIterator<unknown>;
  readonly left: AbortController;
}

/** Answers what {@linkcode RemoteDriver} asks. */
export class ServedDrivers {
  readonly #options: ServedDriversOptions;
  readonly #streams = new Map<number, Stream>();

  constructor(options: ServedDriversOptions) {
    this.#options = options;
  }

  /** How each request is answered. */
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

  /** The other side reads this stream no more. */
  finish(stream: number): void {
    const { items, left } = this.#streams.get(stream) ?? {};
    this.#streams.delete(stream);
    left?.abort();
    // Nobody is left to hear what goes wrong on the way out.
    items?.return?.()?.catch(() => {});
  }

  #running(stream: number): Stream {
    const running = this.#streams.get(stream);
    if (!running) throw new DriverError("Cannot read a stream that has ended");
    return running;
  }

  /** Opens a byte stream and joins it to a channel, for as long as both live. */
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

/** `for await` takes both kinds of iterables, and so does this. */
async function* iterate(items: AsyncIterable<unknown> | Iterable<unknown>) {
  yield* items;
}

function checkDuplex(device: unknown, method: string): Duplex {
  if (typeof (device as Duplex | undefined)?.pipe === "function") return device as Duplex;
  throw new DriverError(`expected bytes.${method} to return a Duplex of node:stream`);
}
