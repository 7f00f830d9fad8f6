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

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: LEASE_READY } =
  ExporterStatus;

/** The requests of the process; the other fields depend on `do`. */
export type Question =
  | { readonly do: "setUp"; readonly exporter: string; readonly tree: Record<string, unknown> }
  | { readonly do: "available"; readonly exporter: string }
  | { readonly do: "lease"; readonly exporter: string }
  | { readonly do: "lease ready"; readonly exporter: string }
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
      return await reported(controller, question.exporter, AVAILABLE);
    case "lease ready": {
      const ready = reported(controller, question.exporter, LEASE_READY);
      const { name } = controller.lease(question.exporter, CLIENT);
      await ready;
      return { lease: name };
    }
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

/** Waits until the exporter reports a status, from now on. */
async function reported(
  controller: TestController,
  exporter: string,
  wanted: ExporterStatus,
): Promise<unknown> {
  const asked = Date.now();
  await controller.next(
    "ReportStatus",
    ({ status }, { time, metadata }) =>
      time >= asked && status === wanted && metadata["jumpstarter-name"]?.[0] === exporter,
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
