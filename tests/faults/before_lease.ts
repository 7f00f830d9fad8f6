/** Leases end at any moment while beforeLease runs. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { type Fault, pause } from "./fault.ts";
import { Lab } from "./lab.ts";

/** How long the hook takes, in milliseconds. */
const HOOK_MS = 300;

/** @see Fault */
export const beforeLease: Fault = {
  name: "before-lease",
  async run(bench) {
    await using lab = await Lab.start({
      hooks: {
        beforeLease: { script: `sleep ${HOOK_MS / 1_000}; echo before >> "$FAULT_DIR/hooks"` },
        afterLease: { script: 'echo after >> "$FAULT_DIR/hooks"' },
      },
    });
    await using client = await lab.official();
    for (let lease = 0; lease < 5; lease++) await lab.leaseWorks();
    const before = await lab.footprint();
    const count = bench.quick ? 10 : 50;
    bench.inject(`${count} leases end during beforeLease`, count);
    for (let round = 0; round < count; round++) {
      const lease = lab.controller.lease("demo", "tester");
      // Some end before the hook starts or after it ended.
      if (round % 5 > 0) await lab.reaches(ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
      await pause(Math.random() * HOOK_MS);
      lab.controller.endLease(lease);
      await bench.recovery(() => settled(lab));
    }
    await client.lease();
    await client.works();
    await client.release();
    await lab.available();
    await expectPairs(lab);
    await lab.staysFlat(bench, before);
  },
};

/** Waits for a lasting AVAILABLE: the lease may have ended before the exporter heard of it. */
async function settled(lab: Lab): Promise<void> {
  const { index } = lab.controller.calls.at(-1)!;
  await lab.available();
  await pause(100);
  if (lab.controller.calls.at(-1)!.index !== index) await settled(lab);
}

async function expectPairs({ dir }: Lab): Promise<void> {
  const lines = (await Deno.readTextFile(`${dir}/hooks`)).trim().split("\n");
  const wrong = lines.findIndex((line, at) => line !== (at % 2 === 0 ? "before" : "after"));
  if (wrong < 0 && lines.length % 2 === 0) return;
  throw new Error(`Cannot see an afterLease follow each beforeLease, found ${lines.join(", ")}`);
}
