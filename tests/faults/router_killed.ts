/** The router is killed while a client transfers through it. @module */
import { type Fault, pause } from "./fault.ts";
import { Lab } from "./lab.ts";

/** @see Fault */
export const routerKilled: Fault = {
  name: "router-killed",
  async run(bench) {
    await using lab = await Lab.start();
    await using client = await lab.official();
    await lab.leaseWorks();
    await client.lease();
    await client.probe();
    const before = await lab.footprint();
    const { front } = lab.controller.router;
    for (let round = 0; round < (bench.quick ? 3 : 20); round++) {
      await client.transfer();
      bench.inject("the router is killed in a transfer");
      await front.stop();
      await pause(round % 3 * 1_000);
      await front.start();
      await bench.recovery(() => client.works());
      await client.stop();
    }
    await client.release();
    await lab.available();
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
  },
};
