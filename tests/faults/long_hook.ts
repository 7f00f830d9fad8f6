/** A client connects and calls while a beforeLease hook takes its time. @module */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { Fault } from "./fault.ts";
import { Lab } from "./lab.ts";

/** Official clients give up a connection after 20 s in which the exporter says nothing. */
const HOOK_S = { quick: 22, full: 120 };

/** @see Fault */
export const longHook: Fault = {
  name: "long-hook",
  async run(bench) {
    const seconds = bench.quick ? HOOK_S.quick : HOOK_S.full;
    const hooks = { beforeLease: { script: `sleep ${seconds}`, timeout: 2 * seconds } };
    await using lab = await Lab.start({ hooks });
    await using client = await lab.official();
    bench.inject(`beforeLease takes ${seconds} s, and a client calls at once`);
    await client.lease();
    await lab.reaches(ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK);
    // One connection and one call, which waits for the hook and is not repeated.
    const call = client.probe((seconds + 60) * 1_000);
    const ready = lab.reaches(ExporterStatus.EXPORTER_STATUS_LEASE_READY, (seconds + 60) * 1_000);
    const first = await Promise.race([call.then(() => "call"), ready.then(() => "ready")]);
    if (first === "call") throw new Error("Cannot see the call wait for the end of the hook");
    await bench.recovery(() => call);
    await client.release();
    await lab.available();
  },
};
