/** Clients vanish silently, or never connect to the tunnel that they asked for. @module */
import { until } from "../until.ts";
import type { Fault } from "./fault.ts";
import { Lab } from "./lab.ts";

/** The session pings a silent client every 20 s and waits 20 s; a busy machine takes longer. */
const NOTICED_MS = 120_000;

const COUNT = 20;

/** @see Fault */
export const vanishedClients: Fault = {
  name: "vanished-clients",
  async run(bench) {
    await using lab = await Lab.start();
    await lab.leaseWorks();
    const before = await lab.footprint();
    await using client = await lab.official();
    await client.lease();
    await client.works();
    const lease = [...lab.controller.store.leases.values()].find(({ end }) => !end)!;
    bench.inject(`${COUNT} tokens are not used, ${COUNT} clients are killed`, 2 * COUNT);
    for (let count = 0; count < COUNT; count++) {
      await lab.controller.dial(lease);
      await lab.vanishingSession(lease);
    }
    await bench.recovery(() => client.works());
    if (!bench.quick) await bench.recovery(() => tunnelsEnd(lab), NOTICED_MS);
    await client.release();
    await lab.available();
    await bench.recovery(() => tunnelsEnd(lab));
    await lab.leaseWorks();
    await lab.staysFlat(bench, before);
  },
};

function tunnelsEnd({ controller: { router } }: Lab): Promise<void> {
  const gone = () => router.in("waiting").length + router.in("forwarding").length === 0;
  return until(gone, NOTICED_MS);
}
