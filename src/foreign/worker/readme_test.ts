import assert from "node:assert/strict";
import { lease, site } from "./testing.ts";

Deno.test("the README's example runs", async () => {
  const readme = await Deno.readTextFile(new URL("./README.md", import.meta.url));
  const [, example] = /```ts\n(.*?)```/s.exec(readme)!;
  await using place = await site({ "relay.ts": example! });
  await using relay = await lease(await place.factory("acme.Relay"), { port: 2 });
  assert.equal(await relay.call("on"), null);
  assert.deepEqual(await relay.stream("read"), [{ voltage: 5, current: 1 }]);
  assert.deepEqual(relay.logged, ["info: relay 2 on"]);
});
