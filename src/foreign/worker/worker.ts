/**
 * The entry point of a worker, which runs one custom driver file apart from the exporter.
 *
 * @module
 */
import { DriverError } from "../../driver/mod.ts";
import { Channels } from "./channel.ts";
import { Definitions } from "./definitions.ts";
import { toFailure } from "./failure.ts";
import { Instance, type Outside } from "./instance.ts";
import { placedFailure } from "./place.ts";
import type { HostOps, LogLevel, Message, Note, WorkerOps } from "./protocol.ts";
import { RemoteDriver } from "./remote_driver.ts";
import { WorkerResources } from "./resources.ts";
import { type Handlers, type Post, Rpc } from "./rpc.ts";
import { ServedDrivers } from "./served_drivers.ts";
import { throttle } from "../throttle.ts";
import type { Resources } from "../../driver/resources.ts";

/** The part of a worker's global scope that the types of the main thread lack. */
const port = globalThis as unknown as {
  postMessage: Post;
  addEventListener<E extends Event>(type: string, listener: (event: E) => void): void;
};

const definitions = new Definitions();
const instances = new Map<number, Instance>();
const channels = new Channels((note, transfer) => rpc.note(note, transfer));
/** Always empty, because calls to children cannot pass handles. */
const calls = new Map<number, Resources>();

const served = new ServedDrivers({
  find: ({ instance }) => opened(instance),
  resources: (call) => new WorkerResources(call, rpc, channels, nextId),
  channels: () => channels,
});

let lastId = 0;

/** Negative, because the exporter's own numbers begin at 1. */
function nextId(): number {
  return --lastId;
}

const handlers: Handlers<WorkerOps> = {
  ping: () => {},
  load: ({ url }) => definitions.load(url),
  define: (request) => definitions.define(request.export),
  parse: ({ ref, config }) => definitions.parse(ref, config),
  describe: ({ ref }) => definitions.describe(ref),
  async probe({ ref, config }, signal) {
    const driver = definitions.get(ref);
    await driver.probe?.({ config: await driver.config.parseAsync(config), signal });
  },
  open(request) {
    const opening = new Instance();
    instances.set(request.instance, opening);
    return opening.open(definitions.get(request.ref), request, outside(request.instance));
  },
  async close({ instance }) {
    const closing = instances.get(instance);
    instances.delete(instance);
    await closing?.close();
  },
  ...served.handlers,
};

function opened(instance: number): Instance {
  const found = instances.get(instance);
  if (!found) throw new DriverError("Cannot use this driver: its lease has ended");
  return found;
}

function outside(instance: number): Outside {
  const say = (level: LogLevel, message: string) =>
    rpc.note({ op: "log", instance, level, message });
  const log = throttle(
    say,
    (lines) => say("warning", `${lines} lines of the log were lost: the driver logs too fast`),
  );
  return {
    log: {
      debug: (message) => log("debug", message),
      info: (message) => log("info", message),
      warning: (message) => log("warning", message),
      error: (message) => log("error", message),
    },
    child: (child) => new RemoteDriver({ rpc, channels, calls, nextId }, { instance, child }),
  };
}

function onNote(note: Note): void {
  if ("channel" in note) return channels.receive(note);
  if (note.op === "abort") instances.get(note.instance)?.abort();
  if (note.op === "finish") served.finish(note.stream);
}

const rpc = new Rpc<HostOps, WorkerOps>({
  post: (message, transfer = []) => port.postMessage(message, transfer),
  handlers,
  onNote,
  // The exporter itself says where a file cannot be loaded.
  toFailure: (error, op) => op === "load" ? toFailure(error) : placedFailure(error),
});

function crashed(event: Event, error: unknown): void {
  event.preventDefault();
  rpc.note({ op: "crashed", failure: toFailure(error) });
}

port.addEventListener<MessageEvent<Message>>("message", ({ data }) => rpc.receive(data));
port.addEventListener<ErrorEvent>("error", (event) => crashed(event, event.error));
port.addEventListener<PromiseRejectionEvent>(
  "unhandledrejection",
  (event) => crashed(event, event.reason),
);
