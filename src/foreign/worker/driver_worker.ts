/** The exporter's side of the worker of one driver file. @module */
import { pathToFileURL } from "node:url";
import { Deadline } from "../../base/deadline.ts";
import { programFile } from "../../files/program.ts";
import {
  DeviceError,
  type Driver,
  DriverError,
  type DriverLog,
  NotSupported,
  Timeout,
} from "../../driver/mod.ts";
import { Channels } from "./channel.ts";
import type {
  Defined,
  Exports,
  Failure,
  HostOps,
  Message,
  Note,
  Ref,
  Target,
  WorkerOps,
} from "./protocol.ts";
import { loadError, unhandled } from "./explain.ts";
import { noResources } from "../../driver/no_resources.ts";
import type { Resources } from "../../driver/resources.ts";
import type { Border } from "./remote_driver.ts";
import { resourceHandlers } from "./resources.ts";
import { Rpc } from "./rpc.ts";
import { type Served, ServedDrivers } from "./served_drivers.ts";

const CHILD_RESOURCES = noResources("a custom driver cannot pass handles to its children");

/** Time limits, in milliseconds. */
export interface Bounds {
  /** Starting a worker, before it imports the file. */
  readonly start: number;
  /** Importing a file, or calling one of its exports. */
  readonly load: number;
  /** Parsing one config. */
  readonly parse: number;
  /** Time without answers to pings after which a worker is stopped. */
  readonly silence: number;
  /** Closing one driver. */
  readonly close: number;
  /** How long a worker without open drivers is kept. */
  readonly idle: number;
}

/** @see Bounds */
export const BOUNDS: Bounds = {
  start: 20_000,
  load: 5_000,
  parse: 5_000,
  silence: 5_000,
  close: 5_000,
  idle: 5_000,
};

/** The operations with a time limit, as messages name them. */
const BOUNDED = {
  start: "start a worker for the driver file",
  load: "load the driver file",
  parse: "check the config of the driver of",
  close: "close the driver of",
};

/** The consequence of a failed worker, for messages. */
const STOPPED = "it was stopped, and its drivers are unavailable until the next lease";

/** Pings sent per `silence`. */
const PINGS = 5;

/** The exporter's side of one open driver. */
export interface Attached {
  readonly log: DriverLog;
  readonly children: ReadonlyMap<string, Driver>;
}

/** A running worker. After it has stopped, every request fails with the reason. */
export class DriverWorker implements Border {
  readonly path: string;
  readonly channels: Channels;
  readonly rpc: Rpc<WorkerOps, HostOps>;
  /** The resources of the running calls, by the number of the call. */
  readonly calls = new Map<number, Resources>();
  readonly #bounds: Bounds;
  readonly #worker: Worker;
  #heart: ReturnType<typeof setInterval> | undefined;
  readonly #instances = new Map<number, Attached>();
  readonly #children = new ServedDrivers({
    find: (target) => this.#findChild(target),
    resources: () => CHILD_RESOURCES,
    channels: () => this.channels,
  });
  readonly #defined = new Map<string, Promise<Defined>>();
  readonly #onStop: () => void;
  #unanswered = 0;
  #nextId = 1;
  #stopped = false;

  /** @param path the real path of the file; `onStop` is called once, for any reason. */
  constructor(path: string, bounds: Bounds, onStop: () => void) {
    this.path = path;
    this.#bounds = bounds;
    this.#onStop = onStop;
    const file = programFile(new URL("./worker.ts", import.meta.url));
    this.#worker = new Worker(file, { type: "module" });
    this.rpc = new Rpc<WorkerOps, HostOps>({
      post: (message, transfer = []) => this.#worker.postMessage(message, transfer),
      handlers: {
        ...this.#children.handlers,
        ...resourceHandlers(this.calls, () => this.channels),
      },
      onNote: (note) => this.#onNote(note),
    });
    this.channels = new Channels((note, transfer) => this.rpc.note(note, transfer));
    this.#worker.onmessage = ({ data }: MessageEvent<Message>) => this.rpc.receive(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.stop(this.#crash({ name: "Error", message: event.message }));
    };
  }

  /** Whether it has ended, by itself or by `stop`. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Numbers instances, calls, streams and channels. */
  readonly nextId = (): number => this.#nextId++;

  /** Waits until the worker runs, begins to ping it, and imports the file. */
  async load(): Promise<Exports> {
    await this.within("start", (signal) => this.rpc.request("ping", null, signal));
    this.#watch();
    try {
      return await this.within(
        "load",
        (signal) => this.rpc.request("load", { url: pathToFileURL(this.path).href }, signal),
      );
    } catch (error) {
      throw error instanceof DriverError ? error : loadError(this.path, error as Error);
    }
  }

  /** Calls an export; returns the same result when it is called again. */
  define(name: string): Promise<Defined> {
    const known = this.#defined.get(name);
    if (known) return known;
    const defined = this.within(
      "load",
      (signal) => this.rpc.request("define", { export: name }, signal),
    );
    this.#defined.set(name, defined);
    return defined;
  }

  /**
   * Calls the export that defines a driver, unless this worker has done so.
   *
   * @throws {DriverError} if the file no longer defines it.
   */
  async ensureDefined(ref: Ref): Promise<void> {
    const { summaries } = await this.define(ref.export);
    if (summaries.some((summary) => summary.ref.index === ref.index)) return;
    throw new DriverError(
      `Cannot use the driver of ${this.path}: export '${ref.export}' no longer defines it, ` +
        "because the file has changed since the config was read; reload the exporter",
    );
  }

  /** Runs a request with a time limit. @throws {Timeout} */
  async within<T>(bound: keyof typeof BOUNDED, run: (signal: AbortSignal) => Promise<T>) {
    const ms = this.#bounds[bound];
    const late = () =>
      new Timeout(
        `Cannot ${BOUNDED[bound]} ${this.path}: it did not finish within ${ms / 1000} s; ` +
          "look for an endless loop, or an await that never resolves",
      );
    using deadline = new Deadline({ ms, late });
    return await run(deadline.signal);
  }

  /** Connects an open driver with its log and children. */
  attach(instance: number, attached: Attached): void {
    this.#instances.set(instance, attached);
  }

  /** Forgets a closed driver. */
  detach(instance: number): void {
    this.#instances.delete(instance);
  }

  /** Stops the worker, even in an endless loop. */
  stop(reason: DriverError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#heart);
    this.#worker.terminate();
    this.rpc.close(reason);
    this.channels.lose(reason);
    for (const { log } of this.#instances.values()) log.error(reason.message);
    this.#onStop();
  }

  #watch(): void {
    if (this.#stopped) return;
    this.#heart = setInterval(() => this.#beat(), this.#bounds.silence / PINGS);
  }

  /** Counts unanswered pings instead of time, so that a suspended machine stops no worker. */
  #beat(): void {
    if (this.#unanswered >= PINGS) return this.stop(this.#stuck());
    this.#unanswered++;
    this.rpc.request("ping", null).then(() => this.#unanswered = 0, () => {});
  }

  #onNote(note: Note): void {
    if ("channel" in note) return this.channels.receive(note);
    if (note.op === "log") this.#instances.get(note.instance)?.log[note.level](note.message);
    if (note.op === "finish") this.#children.finish(note.stream);
    if (note.op === "crashed") this.stop(this.#crash(note.failure));
  }

  #findChild({ instance, child = "" }: Target): Served {
    const driver = this.#instances.get(instance)?.children.get(child);
    if (!driver) throw new NotSupported(`there is no child '${child}', or it is not available`);
    return { driver };
  }

  #crash(failure: Failure): DeviceError {
    return new DeviceError(`${unhandled(failure, this.path)}; ${STOPPED}`);
  }

  #stuck(): DeviceError {
    const names = this.rpc.pending.filter((name) => name !== "ping").map((name) => `'${name}'`);
    const within = names.length > 0 ? ` while in ${[...new Set(names)].join(" or ")}` : "";
    return new DeviceError(
      `${this.path} did not respond for ${this.#bounds.silence / 1000} s${within} (an endless ` +
        `loop, or did it exit?); ${STOPPED}`,
    );
  }
}
