import assert from "node:assert/strict";
import { openSite } from "./site.ts";
import { freePort, storageTree, testStorage } from "./storage.ts";
import { controlled, localSocket, until } from "./transports.ts";

testStorage(localSocket);
testStorage(controlled);

Deno.test("a client that is killed while it flashes leaves a flasher that works", async () => {
  await using site = await openSite();
  const { client, dir } = site;
  await using connection = await localSocket.connect(site, storageTree(dir, freePort()));
  const { env, exporter } = connection;
  const huge = `${dir}/huge.img`;
  await Deno.writeFile(huge, new Uint8Array(0));
  await Deno.truncate(huge, 64 * 2 ** 30);
  const holds = () => exporter.openFiles().some((path) => path.includes("/jmp-mock-"));
  await using flashing = client.start("flash", { env, args: [huge] });
  await until(holds, () => "the image to be opened");
  flashing.kill("SIGKILL");
  await until(() => !holds(), () => "the image to be closed after its client was killed");
  await Deno.writeTextFile(`${dir}/small.img`, "small");
  assert.equal(await client.show("flash", env, [`${dir}/small.img`]), "done");
});

Deno.test("a client that leaves without closing its files leaves none open", async () => {
  await using site = await openSite();
  const { client, dir } = site;
  await using connection = await localSocket.connect(site, storageTree(dir, freePort()));
  const { env, exporter } = connection;
  const held = () => exporter.openFiles().filter((path) => path.includes("/storage/left-")).length;
  const refused = await client.show<{ text: string }>("open_files", env);
  assert.match(refused.text, /a client may have at most 128 open files; close/);
  await until(() => held() === 0, () => `${held()} files to be closed`);
});

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
