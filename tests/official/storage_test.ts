import assert from "node:assert/strict";
import { openSite } from "./site.ts";
import { freePort, storageTree, testStorage } from "./storage.ts";
import { controlled, localSocket } from "./transports.ts";

testStorage(localSocket);
testStorage(controlled);

Deno.test("our storages answer as the official ones do, call by call", async () => {
  await using site = await openSite();
  const port = freePort();
  await using connection = await localSocket.connect(site, storageTree(site.dir, port));
  const { count, differences } = await site.client.show<{
    count: number;
    differences: Record<string, unknown>;
  }>("compare_storage", connection.env, [site.dir, String(port)]);
  assert.ok(count > 1_000, `only ${count} answers were compared`);
  assert.deepEqual(differences, {});
});
