/** The examples of programs in other languages, built as their authors would. */
import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { randomBytes } from "node:crypto";
import { listProcesses } from "../../../src/subprocess/processes.ts";
import { Code } from "../../../src/wire/error.ts";
import { until } from "../../until.ts";
import { lab, type Running, running, uuidAt } from "../lab.ts";
import { goRelay, pythonRelay } from "./build.ts";

/** An example, and the paths of the drivers that have its methods. */
interface Example {
  readonly language: string;
  readonly source: string;
  command(): Promise<string[]>;
  readonly power: string;
  readonly console: string;
  readonly paths: readonly string[];
}

const relay = "board.relay";
const EXAMPLES: readonly Example[] = [
  {
    language: "Python",
    source: "python/relay.py",
    command: pythonRelay,
    power: `${relay}.power`,
    console: `${relay}.console`,
    paths: [relay, `${relay}.power`, `${relay}.console`],
  },
  {
    language: "Go",
    source: "go/main.go",
    command: goRelay,
    power: relay,
    console: relay,
    paths: [relay],
  },
];

/** Starts the program in its arguments, waits until it serves, and is killed. */
const PARENT = `
export JMP_PARENT_PID=$$
echo '{"export": {"relay": {"type": "exec"}}}' | "$@" 2>/dev/null >"\${JMP_DRIVER_SOCKET%socket}log" &
until [ -S "$JMP_DRIVER_SOCKET" ]; do sleep 0.1; done
echo $!
sleep 0.5
kill -KILL $$
`;

/** Sends bytes to the console and returns what comes back, until the console ends its direction. */
async function echoed({ client, launched }: Running, console: string, bytes: Uint8Array) {
  const stream = await client.bytes(uuidAt(launched, console), "connect");
  stream.end(bytes);
  return await buffer(stream);
}

for (const { language, source, command, power, console, paths } of EXAMPLES) {
  Deno.test(`the example in ${language} is short, and needs nothing of Jumpstarter`, async () => {
    const url = new URL(`../../../src/foreign/exec/examples/${source}`, import.meta.url);
    const text = await Deno.readTextFile(url);
    assert.ok(text.trimEnd().split("\n").length < 100);
    const imports = text.matchAll(/^(?:from|import) (jumpstarter\S* import .*)$/gm);
    for (const [, names] of imports) assert.match(names!, /^jumpstarter\.v1 import \w+_pb2/);
  });

  Deno.test(`the example in ${language} answers calls, streams and bytes`, async () => {
    const entry = { type: "exec", command: await command(), config: { volts: 12 } };
    const { launch, records } = lab(entry);
    await using program = await running(launch);
    const { client, launched, call } = program;
    assert.deepEqual(launched.rows.map(({ path }) => path), paths);
    const read = async () => {
      const readings = await Array.fromAsync(client.stream(uuidAt(launched, power), "read"));
      return readings.map((reading) => (reading as { voltage: number }).voltage);
    };
    assert.deepEqual(await read(), [0, 0, 0]);
    assert.equal(await call(power, "on"), null);
    assert.deepEqual(await read(), [12, 12, 12]);
    assert.equal(await call(power, "off"), null);
    assert.deepEqual(await read(), [0, 0, 0]);
    await assert.rejects(call(power, "toggle"), {
      code: Code.NOT_FOUND,
      message: "the relay has no method 'toggle'",
    });
    await assert.rejects(client.bytes(uuidAt(launched, console), "listen"), {
      code: Code.NOT_FOUND,
    });
    const bytes = randomBytes(1_000_000);
    assert.ok((await echoed(program, console, bytes)).equals(bytes));
    await launched.close(5_000);
    assert.equal((await launched.ended).how, "exit code 0");
    assert.match(records.at(-1)!.message, /the relay is released$/);
  });

  Deno.test(`the example in ${language} ends when its parent has ended`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "jmp-exec-test-" });
    try {
      const socket = `${folder}/socket`;
      const parent = await new Deno.Command("/bin/sh", {
        args: ["-c", PARENT, "parent", ...await command()],
        env: { JMP_DRIVER_SOCKET: socket, JMP_DRIVER_UUID: crypto.randomUUID() },
      }).output();
      assert.equal(parent.signal, "SIGKILL");
      const pid = Number(new TextDecoder().decode(parent.stdout).split("\n")[0]);
      const isRunning = async () => (await listProcesses()).some((other) => other.pid === pid);
      await until(async () => !await isRunning(), 5_000);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
