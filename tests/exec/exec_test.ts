/** Programs that serve a driver: what they get, and what is left when they misbehave. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { KeptProcess } from "../../src/foreign/exec/mod.ts";
import type { Launched } from "../../src/foreign/process/launched.ts";
import { offspring } from "../../src/subprocess/offspring.ts";
import { listProcesses } from "../../src/subprocess/processes.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { Code } from "../../src/wire/error.ts";
import { until } from "../until.ts";
import { lab, misbehaving, running, uuidAt } from "./lab.ts";

const never = new AbortController().signal;
const identity = { namespace: "lab", name: "exec" };

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Fails if a process of the program or a file is left. */
async function assertNothingLeft({ pid, socket }: Launched): Promise<void> {
  assert.deepEqual(await offspring({ pid, mark: `JMP_DRIVER_SOCKET=${socket}` }), []);
  assert.equal(await exists(dirname(socket)), false);
  const commands = await Promise.all((await listProcesses()).map(({ pid }) => {
    return Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  }));
  assert.deepEqual(commands.filter((line) => line.includes(socket)), []);
}

Deno.test("a program gets its entry, its socket and its parent, and its drivers get stable uuids", async () => {
  const entry = {
    type: "exec",
    command: misbehaving("serve"),
    env: { MY_PIN: 17 },
    config: { pins: [4, 17] },
    description: "the relay",
    children: { switch: { type: "vendor.Switch" }, lamp: { type: "vendor.Lamp" } },
  };
  await using program = await running(lab(entry).launch);
  const { launched, call } = program;
  assert.deepEqual(
    launched.rows.map(({ path, uuid }) => [path, uuid]),
    ["board.relay", "board.relay.switch"].map((path) => [path, driverUuid(identity, path)]),
  );
  assert.deepEqual(launched.rows[1]!.labels, {
    "jumpstarter.dev/client": "vendor.Client",
    "vendor.example/kind": "relay",
  });
  assert.deepEqual(launched.rows[0]!.methodsDescription, { on: "switches on" });
  assert.deepEqual([...launched.problems.keys()], ["board.relay.lamp"]);
  const { input, args, env } = await call("board.relay", "started") as Record<
    string,
    Record<string, unknown>
  >;
  const { command: _, env: __, ...passed } = entry;
  assert.deepEqual(input, {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: identity,
    export: { relay: passed },
  });
  assert.deepEqual(args, ["serve", "--serve", launched.socket]);
  const { JMP_DRIVER_SOCKET, JMP_PARENT_PID, JMP_HUB_PID, JMP_DRIVER_PATH, MY_PIN } = env!;
  assert.deepEqual(
    { JMP_DRIVER_SOCKET, JMP_PARENT_PID, JMP_HUB_PID, JMP_DRIVER_PATH, MY_PIN },
    {
      JMP_DRIVER_SOCKET: launched.socket,
      JMP_PARENT_PID: String(Deno.pid),
      JMP_HUB_PID: String(Deno.pid),
      JMP_DRIVER_PATH: "board.relay",
      MY_PIN: "17",
    },
  );
  assert.deepEqual(await call("board.relay.switch", "on", 3), ["switch", 3]);
});

Deno.test("what a program writes and logs becomes records of its drivers", async () => {
  const { launch, records } = lab({ type: "exec", command: misbehaving("serve") });
  await using _program = await running(launch);
  await until(() => records.length >= 3);
  assert.deepEqual(records.toSorted((a, b) => a.message.localeCompare(b.message)), [
    { path: "board.relay", severity: "info", message: "no severity that is known" },
    { path: "board.relay", severity: "info", message: "serving" },
    { path: "board.relay.switch", severity: "warning", message: "the contact is worn" },
  ]);
});

Deno.test("closing a program ends it and everything that it started", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("serve") });
  await using program = await running(launch);
  const { launched, call } = program;
  await call("board.relay", "daemons");
  const mark = `JMP_DRIVER_SOCKET=${launched.socket}`;
  assert.ok((await offspring({ pid: launched.pid, mark })).length >= 4);
  await launched.close(5_000);
  assert.deepEqual((await launched.ended).how, "signal SIGTERM");
  await assertNothingLeft(launched);
});

Deno.test("a program that ignores SIGTERM gets its time, and is killed then", async () => {
  const { launch, records } = lab({ type: "exec", command: misbehaving("stubborn") });
  await using program = await running(launch);
  const began = Date.now();
  await program.launched.close(700);
  assert.ok(Date.now() - began >= 700);
  assert.equal((await program.launched.ended).how, "signal SIGKILL");
  assert.ok(records.some(({ message }) => message === "no, I stay"));
  await assertNothingLeft(program.launched);
});

Deno.test("a program that ends during a call fails the call, and leaves nothing", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("serve") });
  await using program = await running(launch);
  const { launched, call } = program;
  await call("board.relay", "daemons");
  const hanging = assert.rejects(call("board.relay", "hang"), { code: Code.UNAVAILABLE });
  await assert.rejects(call("board.relay", "exit"), { code: Code.UNAVAILABLE });
  await hanging;
  const { how, lastLines } = await launched.ended;
  assert.deepEqual([how, lastLines], ["exit code 7", ["serving", "the relay caught fire"]]);
  await launched.close(0);
  await assertNothingLeft(launched);
});

Deno.test("a program that is killed during a call fails the call, and leaves nothing", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("serve") });
  await using program = await running(launch);
  const { launched, call } = program;
  const hanging = assert.rejects(call("board.relay", "hang"), { code: Code.UNAVAILABLE });
  Deno.kill(launched.pid, "SIGKILL");
  await hanging;
  assert.equal((await launched.ended).how, "signal SIGKILL");
  await launched.close(0);
  await assertNothingLeft(launched);
});

Deno.test("a program that writes 100 MB is read to the end, and logs little of it", async () => {
  const { launch, records } = lab({ type: "exec", command: misbehaving("serve") });
  await using program = await running(launch);
  const before = Deno.memoryUsage().rss;
  const began = Date.now();
  assert.ok(await program.call("board.relay", "flood") as number >= 100e6);
  assert.ok(Deno.memoryUsage().rss - before < 150e6);
  const lines = records.filter(({ message }) => message.startsWith("flood"));
  const most = 1_000 * (2 + (Date.now() - began) / 1_000);
  assert.ok(lines.length <= most, `${lines.length} lines of a million were logged`);
});

/** Starts `behaviour`, which must fail as `message` has it. */
async function assertFails(behaviour: string, message: RegExp, more = {}): Promise<void> {
  const { launch } = lab({ type: "exec", command: misbehaving(behaviour), ...more });
  await assert.rejects(launch(never), { message });
}

Deno.test("a program that ends at once is reported with what it said", async () => {
  await assertFails("exit", /ended with exit code 3 before .*: cannot open \/dev\/relay$/);
});

Deno.test("a program that never answers is reported in time", async () => {
  const message = /answers GetReport .* within 1 s, found .*; correct it, or raise startTimeout$/;
  await assertFails("silent", message, { startTimeout: 1 });
});

Deno.test("a program that serves something else is reported", async () => {
  await assertFails("garbage", /within 1.5 s, found Cannot connect/, { startTimeout: 1.5 });
  await assertFails("speechless", /answers GetReport, found: .*GetReport/);
  await assertFails("two-roots", /expected one driver without parent_uuid, found 2/);
});

Deno.test("a start that is aborted leaves nothing", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("silent") });
  const abort = new AbortController();
  const starting = assert.rejects(launch(abort.signal), { name: "AbortError" });
  const children = async () => (await listProcesses()).filter(({ parent }) => parent === Deno.pid);
  await until(async () => (await children()).length > 0);
  abort.abort();
  await starting;
  assert.deepEqual(await children(), []);
});

Deno.test("a program that is not there, or that others can change, is not started", async () => {
  const folder = await Deno.makeTempDir({ prefix: "jmp-exec-test-" });
  try {
    const fails = (entry: object, message: RegExp) =>
      assert.rejects(lab({ type: "exec", ...entry }, { folder }).launch(never), { message });
    await fails(
      { command: "no-such-relay" },
      /program 'no-such-relay' in a folder of PATH, found none/,
    );
    await fails({ command: "./relay" }, /program at \/.*\/relay, found none; correct the path/);
    await fails({ command: "sh", cwd: "gone" }, /'cwd': expected a folder at \/.*\/gone/);
    await Deno.writeTextFile(`${folder}/relay`, "#!/bin/sh\n", { mode: 0o644 });
    await fails({ command: "./relay" }, /found a file; run: chmod \+x/);
    await Deno.chmod(`${folder}/relay`, 0o757);
    const others = /expected that only the owner can write .*\/relay, found mode 0757/;
    await fails({ command: "./relay" }, others);
    await fails({ command: "sh -e ./relay" }, others);
    await Deno.writeTextFile(`${folder}/script`, "#!/no/such/python\n", { mode: 0o755 });
    await fails({ command: "./script" }, /expected the interpreter that .*\/script names/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("nothing of a program is left when the exporter is killed by SIGKILL", async () => {
  const program = new URL("killed_exporter.ts", import.meta.url).pathname;
  const exporter = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", program],
    stdout: "piped",
  }).spawn();
  const reader = exporter.stdout.getReader();
  const launched = JSON.parse(new TextDecoder().decode((await reader.read()).value));
  exporter.kill("SIGKILL");
  await exporter.status;
  await reader.cancel();
  const leader = { pid: launched.pid, mark: `JMP_DRIVER_SOCKET=${launched.socket}` };
  await until(async () => (await offspring(leader)).length === 0, 5_000);
  await until(async () => !await exists(dirname(launched.socket)), 5_000);
  await until(() => assertNothingLeft(launched).then(() => true, () => false), 5_000);
});

Deno.test("a kept program serves one lease after the other, and starts again when it has ended", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("serve"), keep: true });
  const kept = new KeptProcess(launch);
  const [first, second] = await Promise.all([kept.launch(never), kept.launch(never)]);
  assert.equal(first.pid, second.pid);
  await first.close(0);
  const third = await kept.launch(never);
  assert.equal(third.pid, first.pid);
  Deno.kill(third.pid, "SIGKILL");
  await third.ended;
  const fourth = await kept.launch(never);
  assert.notEqual(fourth.pid, first.pid);
  assert.notEqual(uuidAt(fourth, "board.relay"), uuidAt(first, "board.relay"));
  await kept.dispose(1_000);
  await assertNothingLeft(fourth);
  await assert.rejects(kept.launch(never), { name: "AbortError" });
});

Deno.test("programs that are started and closed leave no descriptors", async () => {
  const { launch } = lab({ type: "exec", command: misbehaving("serve") });
  const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const once = async () => {
    await using program = await running(launch);
    await program.call("board.relay", "on");
  };
  await once();
  const before = descriptors();
  for (let round = 0; round < 10; round++) await once();
  await assert.rejects(lab({ type: "exec", command: misbehaving("exit") }).launch(never));
  await until(() => descriptors() <= before);
});
