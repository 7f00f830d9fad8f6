import assert from "node:assert/strict";
import { parse } from "yaml";
import { readProgram } from "./program.ts";

Deno.test("the README's entry is read as it says", async () => {
  const readme = await Deno.readTextFile(new URL("./README.md", import.meta.url));
  const [, example] = /```yaml\n(.*?)```/s.exec(readme)!;
  assert.deepEqual(readProgram(parse(example!).export.relay), {
    command: ["./relay", "--gpio", "4"],
    env: { RELAY_LOG: "debug" },
    cwd: "/opt/relay",
    keep: false,
    startTimeoutMs: 30_000,
    entry: { type: "exec", config: { pins: [4, 17] } },
  });
});
