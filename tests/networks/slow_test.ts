/** Networks that are slow, or of which a part is broken. */
import { NetworkLab, writeHosts } from "./lab.ts";
import { OUTSIDE, OUTSIDE6 } from "./middlebox.ts";

Deno.test("An exporter works on 1 Mbit/s with a round trip of 300 ms, where one packet of twenty is lost", async () => {
  const slow = { ms: 150, loss: 0.05, bits: 1e6 };
  await using lab = await NetworkLab.start({}, (box) => box.slow(slow));
  await lab.available();
  const client = await lab.leased();
  await client.transfer(30_000);
  await client.stop();
  await client.works();
  await client.release();
  await lab.available();
});

Deno.test("An exporter whose IPv6 leads nowhere reaches controller and router by IPv4", async () => {
  const names = [OUTSIDE6, OUTSIDE];
  await using lab = await NetworkLab.start({}, (_box, dir) => writeHosts(dir, names));
  await lab.available();
  await lab.leased();
});
