/** A path with a smaller MTU than both ends have, whose ICMP messages are dropped. */
import assert from "node:assert/strict";
import { EXPORT } from "../faults/lab.ts";
import { NetworkLab } from "./lab.ts";

Deno.test("A transfer that the path swallows is named in the log, and blocks no other client of the lease", async () => {
  await using lab = await NetworkLab.start({}, (box) => box.narrow(1280));
  await lab.available();
  const client = await lab.official();
  await client.lease();
  await client.probe();
  await assert.rejects(client.transfer(), /TimeoutError/);
  await client.probe();
  const line = await lab.exporter.line(/does not answer/);
  assert.match(
    line,
    /WARNING .* router controller\.site\.test:\d+: .*loses large packets .* mtu 1280/,
  );
});

Deno.test("A registration that the path swallows names the MTU as a possible cause", async () => {
  const drivers = Array.from({ length: 30 }, (_, index) => [`power${index}`, EXPORT.power]);
  const tree = Object.fromEntries(drivers);
  await using lab = await NetworkLab.start({ export: tree }, (box) => box.narrow(1280));
  const line = await lab.exporter.line(/Register failed/, 60_000);
  assert.match(line, /WARNING .* DEADLINE_EXCEEDED: .* loses large packets .* mtu 1280/);
  await lab.box.narrow(1500);
  await lab.available();
});
