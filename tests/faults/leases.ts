/** Many leases in a row, some of them of an official client. @module */
import type { Bench, Fault } from "./fault.ts";
import { Lab } from "./lab.ts";
import type { OfficialClient } from "./official_client.ts";

const OFFICIAL_EVERY = 50;
/** Leases until everything that a lease needs is loaded and mostly compiled. */
const WARM_UP = 20;

/** @see Fault */
export const manyLeases: Fault = {
  name: "leases",
  async run(bench) {
    await using lab = await Lab.start();
    await using client = await lab.official();
    for (let lease = 0; lease < WARM_UP; lease++) await lab.leaseWorks();
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
