/** The controller and its router are killed and started again inside a lease. @module */
import { NOT_INITIALIZED } from "../controller/faults.ts";
import { type Fault, pause } from "./fault.ts";
import { Lab } from "./lab.ts";

/** How long the controller is away, in milliseconds. */
const QUICK = [0, 3_000];
const FULL = [0, 0, 1_000, 3_000, 10_000, 30_000, 120_000];

/** The methods that a controller of 0.9.0 does not answer while it starts. */
const METHODS = ["Register", "ReportStatus", "Status", "Listen"];

/** @see Fault */
export const controllerRestart: Fault = {
  name: "controller-restart",
  async run(bench) {
    await using lab = await Lab.start();
    await using client = await lab.official();
    await lab.leaseWorks();
    const before = await lab.footprint();
    for (const awayMs of bench.quick ? QUICK : FULL) {
      await client.lease();
      await client.probe();
      bench.inject(`the controller is away for ${awayMs / 1_000} s`);
      await lab.controller.stop();
      await pause(awayMs);
      for (const method of METHODS) lab.controller.faults.fail(method, NOT_INITIALIZED, 2);
      await lab.controller.start();
      await bench.recovery(() => client.works(), 40_000);
      lab.controller.faults.clear();
      await client.release();
      await lab.available();
    }
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
  },
};
