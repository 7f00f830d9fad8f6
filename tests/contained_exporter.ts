/** An exporter at a controller as the first process of a container: of a PID namespace of its own. @module */
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "./controller/controller.ts";
import { type ExporterRecord, key } from "./controller/records.ts";
import { ExporterProcess } from "./faults/exporter_process.ts";
import { until } from "./until.ts";

/** As `docker run` starts it, and most images, which have no init. */
export const CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];

/** A hang guard, in milliseconds. */
export const SOON_MS = 30_000;

/** @see module */
export interface ContainedExporter extends AsyncDisposable {
  readonly controller: TestController;
  readonly exporter: ExporterProcess;
  /** The pid of the exporter itself, of which `unshare` is the parent. */
  readonly first: number;
  readonly record: ExporterRecord;
  /** A folder, for which `DIR` stands in the hooks. */
  readonly dir: string;
}

/** Starts an exporter with `hooks`, and waits until it can be leased. */
export async function containedExporter(
  hooks: Record<string, unknown> = {},
): Promise<ContainedExporter> {
  await using scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-contained-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  const controller = scope.use(await TestController.start());
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const tree = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
  const text = controller.exporterConfigYaml("demo", tree, { hooks }).replaceAll("DIR", dir);
  const config = `${dir}/exporter.yaml`;
  await Deno.writeTextFile(config, text, { mode: 0o600 });
  const env = { RUNTIME_DIRECTORY: dir };
  const exporter = scope.use(new ExporterProcess({ config, env, wrapper: CONTAINER }));
  const record = controller.store.exporters.get(key("lab", "demo"))!;
  await until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, SOON_MS);
  await until(() => record.streams > 0, SOON_MS);
  const kept = scope.move();
  return {
    ...{ controller, exporter, record, dir, first: firstChild(exporter.pid) },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The first process of the container that the `unshare` at `pid` runs. */
export function firstChild(pid: number): number {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim();
  return Number(children.split(" ")[0]);
}
