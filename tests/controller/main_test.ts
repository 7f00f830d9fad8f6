import assert from "node:assert/strict";
import { parse } from "yaml";

const MAIN = new URL("main.ts", import.meta.url).pathname;

Deno.test("main.ts prints where it listens, and leaves nothing behind when it is terminated", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "--exporter", "one", "--label", "site=lab"],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.endsWith("}\n")) {
    const { value, done } = await reader.read();
    assert.ok(!done, printed);
    printed += value;
  }
  const { endpoint, exporters, clients, ca } = JSON.parse(printed);
  const config = parse(await Deno.readTextFile(exporters[0]));
  assert.deepEqual([config.kind, config.endpoint], ["ExporterConfig", endpoint]);
  assert.equal(parse(await Deno.readTextFile(clients[0])).metadata.name, "tester");
  child.kill("SIGTERM");
  await reader.cancel();
  assert.equal((await child.status).code, 0);
  await assert.rejects(Deno.stat(ca), Deno.errors.NotFound);
});
