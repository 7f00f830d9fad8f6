/** The exporter is killed inside a lease and started again. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { Fault } from "./fault.ts";
import { Lab } from "./lab.ts";

/** @see Fault */
export const exporterKilled: Fault = {
  name: "exporter-killed",
  async run(bench) {
    await using lab = await Lab.open({
      hooks: {
        beforeLease: { script: 'echo "before $LEASE_NAME" >> "$FAULT_DIR/hooks"' },
        afterLease: { script: 'echo "after $LEASE_NAME" >> "$FAULT_DIR/hooks"' },
      },
    });
    await lab.startExporter();
    await lab.available();
    await using client = await lab.official();
    for (let round = 0; round < (bench.quick ? 2 : 10); round++) {
      const lease = await client.lease();
      await client.works();
      bench.inject("the exporter is killed");
      await lab.exporter.kill("SIGKILL");
      await lab.startExporter();
      await bench.recovery(async () => {
        await lab.reaches(ExporterStatus.EXPORTER_STATUS_LEASE_READY);
        await client.works();
      });
      await client.release();
      await lab.available();
      await expectHooks(lab, lease);
    }
    await lab.leaseWorks();
  },
};

/** One beforeLease, which the killed exporter ran, and one afterLease, which the next one ran. */
async function expectHooks(lab: Lab, lease: string): Promise<void> {
  const lines = (await Deno.readTextFile(`${lab.dir}/hooks`)).trim().split("\n");
  const found = lines.filter((line) => line.endsWith(lease)).join(", ");
  const expected = `before ${lease}, after ${lease}`;
  if (found === expected) return;
  throw new Error(`Cannot see each hook run once: expected ${expected}, found ${found || "none"}`);
}
