import assert from "node:assert/strict";
import { InvalidArgument } from "../../driver/mod.ts";
import { readProgram } from "./program.ts";
import { splitWords } from "./words.ts";

const none = () => undefined;

Deno.test("readProgram() reads the keys beside the type, and leaves `config:` to the driver", () => {
  const config = { command: "of the driver", pins: [4] };
  const entry = { type: "exec", command: "./relay -v 'two words'", env: { A: 1, B: true }, config };
  assert.deepEqual(readProgram(entry), {
    command: ["./relay", "-v", "two words"],
    env: { A: "1", B: "true" },
    keep: false,
    startTimeoutMs: 30_000,
    entry: { type: "exec", config },
  });
});

Deno.test("readProgram() reads the keys from `config:`, with the driver's own as `settings:`", () => {
  const settings = { pins: [4] };
  const config = { command: ["relay", 7], cwd: "sub", keep: true, startTimeout: 2.5, settings };
  assert.deepEqual(readProgram({ type: "exec", description: "a relay", config }), {
    command: ["relay", "7"],
    env: {},
    cwd: "sub",
    keep: true,
    startTimeoutMs: 2_500,
    entry: { type: "exec", description: "a relay", config: settings },
  });
});

Deno.test("readProgram() reads `host:` of any type, as a program or with arguments", () => {
  const command = (entry: Record<string, unknown>) => readProgram(entry, none)?.command;
  const type = "vendor.driver.Relay";
  assert.deepEqual(command({ type, host: "/opt/my relay" }), ["/opt/my relay"]);
  const host = { bin: "relay", args: ["--gpio", 4] };
  assert.deepEqual(command({ type, host, runtime: "python" }), ["relay", "--gpio", "4"]);
  assert.deepEqual(command({ type: "exec", host: { bin: "relay" } }), ["relay"]);
  const { entry } = readProgram({ type, host, keep: true }, none)!;
  assert.deepEqual(entry, { type, host });
});

Deno.test("readProgram() finds the program that stands for a runtime", () => {
  const env = (name: string) => name === "JMP_JVM_DRIVER_HOST" ? "/opt/jvm-host" : undefined;
  const command = (type: string, runtime?: string) => readProgram({ type, runtime }, env)?.command;
  assert.deepEqual(command("rust:vendor-relay"), ["vendor-relay"]);
  assert.deepEqual(command("vendor.Relay", "rust"), ["jmp-rust-host"]);
  assert.deepEqual(command("jvm:vendor.Relay"), ["/opt/jvm-host"]);
  assert.deepEqual(command("vendor.driver.Relay"), undefined);
  assert.deepEqual(command("vendor.driver.Relay", "python"), undefined);
  assert.deepEqual(command("rust:vendor-relay", "python"), undefined);
});

Deno.test("readProgram() tells what is wrong with a key", () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ type: "exec" }, /^'command': expected the program .*; write command: /],
    [{ type: "exec", config: { pins: 4 } }, /^'command': expected the program/],
    [{ type: "exec", command: "" }, /^'command': expected a program and at most 255 arguments/],
    [{ type: "exec", command: "a 'b" }, /^'command': expected that each quote is closed/],
    [{ type: "exec", command: { a: 1 } }, /^'command': expected text or a list, found a map$/],
    [{ type: "exec", command: "a", env: ["A=1"] }, /^'env': expected a map of keys, found a list$/],
    [{ type: "exec", command: "a", env: { "A=": "1" } }, /^'env/],
    [{ type: "exec", command: "a", keep: "yes please" }, /^'keep': expected true or false/],
    [{ type: "exec", command: "a", startTimeout: 0 }, /^'startTimeout': expected a number of more/],
    [{ type: "exec", config: { command: "a", pins: 1 } }, /^'config': unknown key 'pins'/],
    [{ type: "vendor.X", runtime: "go" }, /^'runtime': expected 'python', 'rust' or 'jvm', found/],
    [{ type: "rust:../x" }, /^'type': expected rust:CRATE, found .*host: /],
    [{ type: "vendor.X", host: { args: [] } }, /^'host/],
  ];
  for (const [entry, message] of cases) {
    assert.throws(() => readProgram(entry, none), (error) => {
      assert.ok(error instanceof InvalidArgument);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("splitWords() splits as a shell does, without expanding anything", () => {
  assert.deepEqual(splitWords(`  a "b c"'d' $HOME \\" e\\ f "\\"" '' *.x|y\n`), [
    ...["a", "b cd", "$HOME", '"', "e f", '"', "", "*.x|y"],
  ]);
  assert.deepEqual(splitWords(" \n"), []);
  for (const open of [`a "b`, "a 'b", `a b\\`]) assert.equal(splitWords(open), undefined);
});
