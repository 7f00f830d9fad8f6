/** An open driver in a worker, as the exporter uses it. @module */
import type { Duplex } from "node:stream";
import type { Value } from "../../wire/value.ts";
import type { CallContext, Driver, OpenContext, UnaryContext } from "../../driver/mod.ts";
import type { DriverWorker } from "./driver_worker.ts";
import type { DriverHost } from "./driver_host.ts";
import type { MethodRequest, Ref } from "./protocol.ts";

/** A config that the worker's schema found valid. */
export interface ProxyConfig {
  /** As YAML has it: the worker parses it again when it opens the driver. */
  readonly raw: unknown;
  readonly labels: Readonly<Record<string, string>>;
}

/** Opens a driver in its worker, for as long as the context's scope lives. */
export async function openProxy(
  host: DriverHost,
  ref: Ref,
  context: OpenContext<ProxyConfig>,
): Promise<Driver> {
  const { config, path, log, scope, signal, children } = context;
  const { worker } = await host.acquire();
  const instance = worker.nextId();
  const abort = () => worker.rpc.note({ op: "abort", instance });
  try {
    signal.throwIfAborted();
    scope.defer(() => close(host, worker, instance));
  } catch (error) {
    host.release();
    throw error;
  }
  signal.addEventListener("abort", abort, { once: true });
  scope.defer(() => signal.removeEventListener("abort", abort));
  worker.attach(instance, { log, children });
  await worker.ensureDefined(ref);
  const names = await worker.rpc.request("open", {
    instance,
    ref,
    config: config.raw,
    path,
    children: Object.fromEntries(
      [...children].map(([name, child]) => [name, Object.keys(child.calls ?? {})]),
    ),
  }, signal);
  const table = <T>(methods: readonly string[], proxy: (target: MethodRequest) => T) =>
    Object.fromEntries(methods.map((method) => [method, proxy({ instance, method })]));
  return {
    calls: table(
      names.calls,
      (target) => (args: readonly Value[], call: UnaryContext) => worker.call(target, args, call),
    ),
    streams: table(
      names.streams,
      (target) => (args: readonly Value[], call: CallContext) =>
        iterate(worker, target, args, call.signal),
    ),
    bytes: table(
      names.bytes,
      (target) => (call: CallContext) => connect(worker, target, call.signal),
    ),
  };
}

async function close(host: DriverHost, worker: DriverWorker, instance: number): Promise<void> {
  try {
    if (worker.stopped) return;
    await worker.within("close", (signal) => worker.rpc.request("close", { instance }, signal));
  } finally {
    worker.detach(instance);
    host.release(true);
  }
}

/** The next item is asked for when the consumer wants it: that is the backpressure. */
async function* iterate(
  worker: DriverWorker,
  target: MethodRequest,
  args: readonly Value[],
  signal: AbortSignal,
): AsyncGenerator<Value> {
  const { rpc } = worker;
  const stream = worker.nextId();
  const finish = () => rpc.note({ op: "finish", stream });
  signal.addEventListener("abort", finish, { once: true });
  try {
    await rpc.request("iterate", { ...target, args, stream }, signal);
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

async function connect(
  worker: DriverWorker,
  target: MethodRequest,
  signal: AbortSignal,
): Promise<Duplex> {
  const id = worker.nextId();
  const channel = worker.channels.open(id);
  try {
    await worker.rpc.request("connect", { ...target, channel: id }, signal);
    return channel;
  } catch (error) {
    channel.destroy();
    throw error;
  }
}
