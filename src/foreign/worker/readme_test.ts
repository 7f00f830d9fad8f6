import assert from "node:assert/strict";
import { sdkTypes } from "../../catalog/mod.ts";
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

Deno.test("the README's test of the example passes, and a broken driver fails it", async () => {
  const [driver, test] = Array.from(
    (await Deno.readTextFile(new URL("./README.md", import.meta.url))).matchAll(
      /```ts\n([^]*?)```/g,
    ),
    ([, code]) => code!,
  );
  const dir = await Deno.makeTempDir({ prefix: "jmp-readme-" });
  try {
    await Deno.writeTextFile(`${dir}/jmp.d.ts`, sdkTypes());
    await Deno.writeTextFile(`${dir}/relay_test.ts`, test!);
    await Deno.writeTextFile(`${dir}/relay.ts`, driver!);
    const run = new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-lock", "--quiet", "relay_test.ts"],
      cwd: dir,
      env: { NO_COLOR: "1" },
    });
    const { success, stderr } = await run.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    await Deno.writeTextFile(`${dir}/relay.ts`, driver!.replace("{config.port} on", "{1} on"));
    const { stdout, success: passes } = await run.output();
    assert.ok(!passes);
    assert.match(new TextDecoder().decode(stdout), /relay 1 on/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the README names the zod of the SDK", async () => {
  const readme = await Deno.readTextFile(new URL("./README.md", import.meta.url));
  const { imports } = JSON.parse(
    await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)),
  );
  assert.ok(readme.includes(`"${imports.zod}"`), imports.zod);
});
