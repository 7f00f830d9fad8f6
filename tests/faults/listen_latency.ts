/**
 * From the assignment of a lease until its exporter listens: with drivers that are slow to
 * open, and right after a lease with hooks.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { Bench, Fault } from "./fault.ts";
import { EXPORT, Lab } from "./lab.ts";
import { powerOn, sayGoodbye } from "./session.ts";
import { median } from "./table.ts";

const { EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;

const OPENING_MS = 5_000;

/** Two custom drivers: one waits for its device, one keeps its thread busy. */
const SLOW = `
export default [
  ({ defineDriver, z }) => defineDriver({
    type: "faults.Waiting",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    async open() {
      await new Promise((resolve) => setTimeout(resolve, ${OPENING_MS}));
      return {};
    },
  }),
  ({ defineDriver, z }) => defineDriver({
    type: "faults.Busy",
    client: "jumpstarter.client.DriverClient",
    config: z.strictObject({}),
    open() {
      for (const end = Date.now() + ${OPENING_MS}; Date.now() < end;);
      return {};
    },
  }),
];
`;

/** The promised latency, in milliseconds; the short run happens on busy machines. */
const PROMISED_MS = 100, BUSY_MS = OPENING_MS / 2;

/** @see Fault */
export const listenLatency: Fault = {
  name: "listen-latency",
  async run(bench) {
    await slowDrivers(bench);
    await hooks(bench);
  },
};

async function slowDrivers(bench: Bench): Promise<void> {
  const slow = { waiting: { type: "faults.Waiting" }, busy: { type: "faults.Busy" } };
  await using lab = await Lab.open({ export: { ...EXPORT, ...slow } });
  await Deno.mkdir(`${lab.dir}/jumpstarter/drivers`, { recursive: true });
  await Deno.writeTextFile(`${lab.dir}/jumpstarter/drivers/slow.js`, SLOW, { mode: 0o600 });
  await lab.startExporter();
  await lab.available();
  const count = bench.quick ? 10 : 50;
  bench.inject(`${count} leases with drivers that take ${OPENING_MS / 1_000} s to open`, count);
  await measure(bench, lab, count, "from lease to Listen, slow drivers");
  await using client = await lab.official();
  await client.lease();
  await bench.recovery(() => client.works());
}

async function hooks(bench: Bench): Promise<void> {
  const hook = { script: "true" };
  await using lab = await Lab.start({ hooks: { beforeLease: hook, afterLease: hook } });
  const count = bench.quick ? 4 : 25;
  bench.inject(`${count} leases with hooks, each given once the exporter is free`, count);
  await measure(bench, lab, count, "from lease to Listen, after hooks");
}

async function measure(bench: Bench, lab: Lab, count: number, what: string): Promise<void> {
  const took: number[] = [];
  for (let round = 0; round < count; round++) took.push(await listenAfterLease(lab, round));
  const figures = `${what}: median ${median(took)} ms, max ${Math.max(...took)} ms`;
  bench.note(figures);
  const bound = bench.quick ? BUSY_MS : PROMISED_MS;
  if (median(took) >= bound) {
    throw new Error(`Cannot see Listen within ${bound} ms, found ${figures}`);
  }
}

/** Milliseconds; the power switch works although other drivers are still opening. */
async function listenAfterLease(lab: Lab, round: number): Promise<number> {
  const { controller } = lab;
  const start = Date.now();
  const lease = controller.lease("demo", "tester");
  const listen = await controller.next("Listen", ({ leaseName }) => leaseName === lease.name);
  const ready = await controller.next("ReportStatus", ({ status }) => status === READY);
  if (ready.index < listen.index) throw new Error("Cannot see Listen before LEASE_READY");
  await using client = await lab.session(lease);
  await powerOn(client);
  // Leases end in both ways: by the client, or by the controller.
  if (round % 2 === 0) await sayGoodbye(client);
  if (!lease.end) controller.endLease(lease);
  await lab.available();
  return listen.time - start;
}
