/** A controller, an exporter with hooks, and the steps of their clients. @module */
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { type ControllerOptions, TestController } from "./controller/controller.ts";
import type { LeaseRecord } from "./controller/records.ts";
import type { SessionClient } from "../src/client/session_client.ts";
import { type RunningExporter, startExporter, type StartOptions } from "./exporter.ts";

/** The tree of drivers that the exporters serve. */
export const EXPORT = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

/** A hook as in a config. */
export interface Hook {
  readonly script: string;
  readonly timeout?: number;
  readonly onFailure?: string;
}

/** The `hooks:` of a config. */
export interface Hooks {
  readonly beforeLease?: Hook;
  readonly afterLease?: Hook;
}

/** A controller and its exporter. */
export interface Lab extends AsyncDisposable {
  readonly controller: TestController;
  readonly running: RunningExporter;
}

/** An exporter with hooks that is available, and the client `tester`. */
export async function lab(
  hooks: Hooks,
  options: StartOptions & Pick<ControllerOptions, "old" | "routerEndpoint"> = {},
): Promise<Lab> {
  const { old = false, routerEndpoint } = options;
  const controller = await TestController.start({ old, ...(routerEndpoint && { routerEndpoint }) });
  const started = await labOf(controller, EXPORT, { hooks }, options);
  if (old !== true) await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
  await controller.next("Status");
  return started;
}

/**
 * Starts the exporter `demo` of a controller that has the client `tester`.
 *
 * @param tree its drivers, as below `export:`.
 * @param config more keys of its config.
 */
export async function labOf(
  controller: TestController,
  tree: Record<string, unknown>,
  config: Record<string, unknown>,
  options: StartOptions = {},
): Promise<Lab> {
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const running = await startExporter(controller.exporterConfigYaml("demo", tree, config), options);
  return {
    controller,
    running,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await controller[Symbol.asyncDispose]();
    },
  };
}

/** The next report of a status, with a message if that matters. */
export function reported(controller: TestController, status: Status, message?: string) {
  return controller.next("ReportStatus", (report) => {
    return report.status === status && (message === undefined || report.message === message);
  });
}

/** The statuses reported since the lease began, in order. */
export function history(controller: TestController): [string, string | undefined][] {
  const reports = controller.calls.filter(({ method }) => method === "ReportStatus");
  return reports.slice(1).map(({ message }) => {
    const { status, message: text } = message as { status: Status; message?: string };
    return [Status[status]!.slice(16), text];
  });
}

/** The uuid of a driver by its name. */
export async function uuidOf(client: SessionClient, name: string): Promise<string> {
  const { reports } = await client.report();
  return reports.find(({ labels }) => labels["jumpstarter.dev/name"] === name)!.uuid;
}

/** Asks for the report, as every client does first, and switches power on. */
export async function powerOn(client: SessionClient): Promise<void> {
  await client.call(await uuidOf(client, "power"), "on");
}

/** A client that polls the status until it is `expected`. The lease of a failed hook waits for that. */
export async function reads(
  controller: TestController,
  lease: LeaseRecord,
  expected: Status,
): Promise<void> {
  await using client = await controller.sessionClient(lease);
  while ((await client.status()).status !== expected) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  // A client that asks once may only be looking whether there is an exporter.
  await client.status();
}

/** A file that a hook's script waits for, so that the test decides when it continues. */
export class Gate implements Disposable {
  readonly #path = `${Deno.makeTempDirSync({ prefix: "jmp-gate-" })}/open`;
  /** Shell code that waits. */
  readonly wait = `until [ -e ${this.#path} ]; do sleep 0.05; done`;

  /** Lets the hook continue. */
  open(): void {
    Deno.writeTextFileSync(this.#path, "");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#path.slice(0, this.#path.lastIndexOf("/")), { recursive: true });
  }
}

/** Ends `lease` while a hook waits at `gate`, and opens it when the exporter knows. */
export async function endMeanwhile({ controller }: Lab, lease: LeaseRecord, gate: Gate) {
  controller.endLease(lease);
  // The exporter is in this process, so it is told before this code continues.
  await new Promise((resolve) => setTimeout(resolve, 300));
  gate.open();
}
