/** Many leases in a row, some of them of an official client. @module */
import type { Bench, Fault } from "./fault.ts";
import { Lab } from "./lab.ts";
import type { OfficialClient } from "./official_client.ts";

const OFFICIAL_EVERY = 50;
/** The heap of the runtime takes its time to reach its size: about 600 leases, measured. */
const WARM_UP = { quick: 10, full: 700 };

/** @see Fault */
export const manyLeases: Fault = {
  name: "leases",
  async run(bench) {
    await using lab = await Lab.start();
    await using client = await lab.official();
    const warmUp = bench.quick ? WARM_UP.quick : WARM_UP.full;
    for (let lease = 0; lease < warmUp; lease++) await lab.leaseWorks();
    await officialLease(lab, client);
    const before = await lab.footprint();
    const count = bench.quick ? 50 : 500;
    bench.inject(`${count} leases`, count);
    for (let lease = 1; lease <= count; lease++) await oneLease(bench, lab, client, lease);
    await lab.staysFlat(bench, before);
  },
};

async function oneLease(bench: Bench, lab: Lab, client: OfficialClient, number: number) {
  if (number % OFFICIAL_EVERY === 0) await bench.recovery(() => officialLease(lab, client));
  else await lab.leaseWorks();
}

async function officialLease(lab: Lab, client: OfficialClient): Promise<void> {
  await client.lease();
  await client.works();
  await client.release();
  await lab.available();
}
