/** A controller, an exporter with Python drivers, and clients in its leases. @module */
import { ForeignHosts } from "../../src/foreign/foreign_hosts.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import type { DriverState } from "../../src/exporter/state.ts";
import { Log, type LogRecord } from "../../src/log/log.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { ExporterStatus as Status } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import type { LeaseRecord } from "../controller/records.ts";
import { type RunningExporter, startExporter } from "../exporter.ts";
import { testPython } from "./lab.ts";
import { Marked } from "./marked.ts";

/** The type of `drivers/faulty.py`. */
export const FAULTY = "faulty.Faulty";

/** An exporter, its controller, and the processes of its drivers. */
export interface ExporterLab extends AsyncDisposable {
  readonly controller: TestController;
  readonly running: RunningExporter;
  readonly processes: Marked;
  /** What the hosts of drivers log, apart from any exporter. */
  readonly hostRecords: readonly LogRecord[];
  /** Starts a further exporter in this process, and waits until it is available. */
  start(name: string, tree: Record<string, unknown>): Promise<RunningExporter>;
  /** Gives a lease to a client, which can call at once. @param name the exporter's */
  lease(name?: string): Promise<Leased>;
}

/** A client in a lease. */
export interface Leased {
  readonly record: LeaseRecord;
  readonly client: SessionClient;
  /** The uuid of the driver at `path`. */
  uuid(path: string): string;
  /** Calls a method of the driver at `path`. */
  call(path: string, method: string, ...args: unknown[]): Promise<unknown>;
  /** Ends the lease, and waits until the exporter is available again. */
  end(): Promise<void>;
}

/** What differs between labs. */
export interface ExporterLabOptions {
  /** The interpreter; null for none. @default that of the tests */
  readonly python?: string | null;
}

/**
 * Starts an exporter named `demo`, and waits until it is available.
 *
 * @param tree its drivers, as below `export:`.
 */
export async function exporterLab(
  tree: Record<string, unknown>,
  options: ExporterLabOptions = {},
): Promise<ExporterLab> {
  const { python = await testPython() } = options;
  const scope = new AsyncDisposableStack();
  const controller = scope.use(await TestController.start());
  controller.addClient({ name: "tester" });
  const processes = scope.use(new Marked());
  const hostRecords: LogRecord[] = [];
  const hosts = scope.use(
    new ForeignHosts({
      env: { ...Deno.env.toObject(), ...(python !== null && { JMP_PYTHON: python }) },
      log: new Log([(record) => void hostRecords.push(record)]),
    }),
  );
  const available = () => reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  const start: ExporterLab["start"] = async (name, tree) => {
    controller.addExporter({ name });
    const text = controller.exporterConfigYaml(name, tree);
    const running = scope.use(await startExporter(text, { hosts }));
    await available();
    return running;
  };
  const running = await start("demo", tree).catch(async (error) => {
    await scope.disposeAsync();
    throw error;
  });
  return {
    controller,
    running,
    processes,
    hostRecords,
    start,
    async lease(name = "demo") {
      const leased = await leasedOf(controller, name);
      return { ...leased, end: () => Promise.all([leased.end(), available()]).then(() => {}) };
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** What the exporter has logged. */
export function messages({ running }: ExporterLab, severity: string, pattern: RegExp): string[] {
  return running.records.filter((record) => record.severity === severity)
    .map(({ message }) => message).filter((message) => pattern.test(message));
}

/** The state of the driver at `path`. */
export function stateOf({ running }: ExporterLab, path: string): DriverState {
  return running.exporter.store.state.drivers.find((driver) => driver.path === path)!;
}

/** Waits until the controller is told of a status. */
export async function reported(controller: TestController, status: Status): Promise<void> {
  await controller.next("ReportStatus", (report) => report.status === status);
}

/** Leases an exporter. Its end does not wait for the exporter. */
export async function leasedOf(
  controller: TestController,
  name: string,
  connect = (record: LeaseRecord) => controller.sessionClient(record),
): Promise<Leased> {
  const record = controller.lease(name, "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  const client = await connect(record);
  const uuid = (path: string) => driverUuid({ namespace: "lab", name }, path);
  return {
    record,
    client,
    uuid,
    call: (path, method, ...args) => client.call(uuid(path), method, args),
    async end() {
      await client[Symbol.asyncDispose]();
      controller.endLease(record);
    },
  };
}
