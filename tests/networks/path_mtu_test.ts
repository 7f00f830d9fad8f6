/** Paths that swallow large packets, whose size both ends never learn. */
import assert from "node:assert/strict";
import { EXPORT } from "../faults/lab.ts";
import { NetworkLab } from "./lab.ts";

/** Their report does not fit into one packet. */
const MANY_DRIVERS = {
  ...EXPORT,
  ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`power${index}`, EXPORT.power])),
};

/** Not even fragments pass. */
const NOTHING_LARGE = "meta length > 1200 drop";

Deno.test("A registration and a transfer pass a path with a smaller MTU, whose ICMP is dropped", async () => {
  await using lab = await NetworkLab.start({ export: MANY_DRIVERS }, (box) => box.narrow(1280));
  await lab.available();
  const client = await lab.leased();
  await client.transfer(30_000);
  await client.stop();
  await client.works();
  await lab.exporter.line(/INFO .* 198\.19\.\d+\.1:\d+ acknowledges nothing: .* may be split/);
});

Deno.test("A transfer that the path swallows is named in the log, and blocks no other client of the lease", async () => {
  await using lab = await NetworkLab.start({}, (box) => box.fault(NOTHING_LARGE));
  await lab.available();
  const client = await lab.leased();
  await assert.rejects(client.transfer(), /TimeoutError/);
  await client.works();
  const line = await lab.exporter.line(/does not answer/);
  assert.match(
    line,
    /WARNING .* router controller\.site\.test:\d+: .*loses large packets .* mtu 1280/,
  );
});
