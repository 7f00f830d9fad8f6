/**
 * The test controller and router in a separate process, so that neither the load nor the exporters
 * share an event loop with them. Requests and answers are lines of JSON.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import type { LeaseRecord } from "../controller/records.ts";
import { BenchRouter } from "./router.ts";

const CLIENT = "load";
const START_MS = 60_000;

/** The requests of the process; the other fields depend on `do`. */
export type Question =
  | { readonly do: "setUp"; readonly exporter: string; readonly tree: Record<string, unknown> }
  | { readonly do: "available"; readonly exporter: string }
  | { readonly do: "lease"; readonly exporter: string }
  | { readonly do: "dial"; readonly lease: string }
  | { readonly do: "end"; readonly lease: string };

/** The texts of the config files, in answer to `setUp`. */
export interface Configs {
  readonly exporter: string;
  readonly client: string;
}

async function answer(controller: TestController, question: Question): Promise<unknown> {
  switch (question.do) {
    case "setUp": {
      controller.addExporter({ name: question.exporter });
      const exporter = controller.exporterConfigYaml(question.exporter, question.tree);
      const client = controller.clientConfigYaml(CLIENT, { unsafe: true });
      return { exporter, client } satisfies Configs;
    }
    case "available":
      return await available(controller, question.exporter);
    case "lease":
      return { lease: controller.lease(question.exporter, CLIENT).name };
    case "dial":
      return await controller.dial(leaseOf(controller, question.lease)!);
    case "end": {
      const lease = leaseOf(controller, question.lease);
      if (lease) controller.endLease(lease);
      return {};
    }
  }
}

function leaseOf(controller: TestController, wanted: string): LeaseRecord | undefined {
  return [...controller.store.leases.values()].find(({ name }) => name === wanted);
}

/** Waits until the exporter says, from now on, that it can be leased. */
async function available(controller: TestController, exporter: string): Promise<unknown> {
  const asked = Date.now();
  await controller.next(
    "ReportStatus",
    ({ status }, { time, metadata }) =>
      time >= asked && status === ExporterStatus.EXPORTER_STATUS_AVAILABLE &&
      metadata["jumpstarter-name"]?.[0] === exporter,
    START_MS,
  );
  return {};
}

async function serve(): Promise<void> {
  await using router = await BenchRouter.start();
  await using controller = await TestController.start({ routerEndpoint: router.endpoint });
  controller.addClient({ name: CLIENT });
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) await reply(controller, JSON.parse(line));
  }
}

async function reply(controller: TestController, question: Question): Promise<void> {
  const found = await answer(controller, question).catch((error) => ({ error: String(error) }));
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(found)}\n`));
}

if (import.meta.main) {
  await serve();
  Deno.exit();
}
