/** Opens drivers in workers. @module */
import type { Driver, OpenContext } from "../../driver/mod.ts";
import type { DriverWorker } from "./driver_worker.ts";
import type { DriverHost } from "./driver_host.ts";
import type { Ref } from "./protocol.ts";
import { RemoteDriver } from "./remote_driver.ts";

/** A config that the worker's schema accepted. */
export interface WorkerConfig {
  /** As in the YAML; the worker parses it again when it opens the driver. */
  readonly raw: unknown;
  readonly labels: Readonly<Record<string, string>>;
}

/** Opens a driver in its worker; the context's scope closes it. */
export async function openInWorker(
  host: DriverHost,
  ref: Ref,
  type: string,
  context: OpenContext<WorkerConfig>,
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
  const names = [...children.keys()];
  const request = { instance, ref, type, config: config.raw, path, children: names };
  await worker.rpc.request("open", request, signal);
  return new RemoteDriver(worker, { instance });
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
