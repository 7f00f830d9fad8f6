/** Python drivers that misbehave, and processes that are killed: nothing is left of them. */
import assert from "node:assert/strict";
import { launchPython } from "../../src/foreign/python/launch.ts";
import { until } from "../until.ts";
import { childOptions, type Lab, lab, running } from "./lab.ts";
import { marked, named } from "./marked.ts";

const POWER = "jumpstarter_driver_power.driver.MockPower";
const TROUBLE = "trouble.Trouble";

/** Waits until a lab has no processes but its host. */
async function assertOnlyHost({ processes }: Lab): Promise<void> {
  await until(async () => (await processes()).length <= 1, 5_000).catch(() => {});
  const left = await processes();
  assert.deepEqual(left, named(left, "jmp-python"));
}

/** The only process of this name. */
async function only({ processes }: Lab, name: string): Promise<number> {
  const [pid, ...others] = named(await processes(), name);
  assert.ok(pid !== undefined && others.length === 0, `expected one ${name}`);
  return pid;
}

for (const victim of ["jmp-drivers", "jmp-keeper", "jmp-python"]) {
  Deno.test(`nothing is left when ${victim} is killed, not even daemons`, async () => {
    await using python = await lab();
    const child = await running(python, { trouble: { type: TROUBLE, config: { daemon: true } } });
    await until(async () => (await python.processes()).length >= 5);
    const pid = await only(python, victim);
    Deno.kill(pid, "SIGKILL");
    const { how } = await child.launched.ended;
    assert.equal(how, victim === "jmp-python" ? "signal SIGKILL of its host" : "signal SIGKILL");
    await assertOnlyHost(python);
    await child[Symbol.asyncDispose]();
    await assert.rejects(Deno.stat(child.launched.socket), Deno.errors.NotFound);
    // The next lease does not notice.
    await using next = await running(python, { power: { type: POWER } });
    await next.call("power", "on");
    assert.equal(python.troubles.length, victim === "jmp-python" ? 1 : 0);
  });
}

Deno.test("nothing is left when the exporter is killed", async () => {
  const id = crypto.randomUUID();
  const folder = await Deno.makeTempDir();
  const { XDG_RUNTIME_DIR: _, ...env } = Deno.env.toObject();
  const exporter = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./killed_exporter.ts", import.meta.url).pathname,
      id,
    ],
    env: { ...env, TMPDIR: folder },
    clearEnv: true,
    stdout: "piped",
  }).spawn();
  const reader = exporter.stdout.getReader();
  assert.equal(new TextDecoder().decode((await reader.read()).value), "ready\n");
  assert.ok((await marked(id)).length >= 7);
  exporter.kill("SIGKILL");
  await exporter.status;
  await reader.cancel();
  await until(async () => (await marked(id)).length === 0, 5_000);
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder)), []);
  await Deno.remove(folder);
});

Deno.test("a child that hangs while it closes is ended after the grace period", async () => {
  await using python = await lab();
  const hanging = { type: TROUBLE, config: { slow_close: 60, daemon: true } };
  const { launched, client } = await running(python, { trouble: hanging });
  await client[Symbol.asyncDispose]();
  const start = performance.now();
  await launched.close(500);
  assert.ok(performance.now() - start < 3_000);
  assert.equal((await launched.ended).how, "signal SIGKILL");
  await assertOnlyHost(python);
});

Deno.test("drivers are closed, and their last records arrive", async () => {
  await using python = await lab();
  const child = await running(python, { trouble: { type: TROUBLE }, b: { type: TROUBLE } });
  await child[Symbol.asyncDispose]();
  assert.equal((await child.launched.ended).how, "exit code 0");
  const closed = child.records.filter(({ message }) => message === "closed");
  assert.deepEqual(
    closed.map(({ path, level, logger }) => [path, level, logger]),
    ["trouble", "b"].map((path) => [path, "warning", `driver.${path}`]),
  );
});

Deno.test("a flood of output and of records is read, cut, and counted", async () => {
  await using python = await lab();
  await using child = await running(python, { trouble: { type: TROUBLE } });
  assert.equal(await child.call("trouble", "flood", 100), "written");
  await child.call("trouble", "log", 20_000);
  await child.call("trouble", "facts");
  await child.launched.close(5_000);
  const { lastLines } = await child.launched.ended;
  assert.equal(lastLines.at(-1), "the end");
  assert.ok(child.lines.length < 20_000, `${child.lines.length}`);
  const lost = child.lines.flatMap((line) => /^(\d+) lines were left out/.exec(line)?.[1] ?? []);
  const kept = child.lines.length - lost.length;
  assert.equal(lost.reduce((sum, count) => sum + Number(count), kept), 1_000_001);
  const records = child.records.filter(({ message }) => message.startsWith("record "));
  const missed = child.records.flatMap(({ message }) => {
    return /^(\d+) records were left out/.exec(message)?.[1] ?? [];
  });
  assert.equal(missed.reduce((sum, count) => sum + Number(count), records.length), 20_000);
});

Deno.test("a start that is aborted leaves nothing", async () => {
  await using python = await lab();
  await python.warm.importTypes([TROUBLE]);
  const entries = { trouble: { type: TROUBLE, config: { daemon: true, slow_start: 0.2 } } };
  for (let ms = 0; ms < 300; ms += 12) {
    const signal = AbortSignal.timeout(ms);
    const launch = launchPython(python.warm, childOptions(entries));
    await launch(signal).then(
      ({ close }) => close(0),
      (error) => assert.equal(error, signal.reason),
    );
  }
  await assertOnlyHost(python);
});

Deno.test("a driver that takes too long to start, or ends its child, is left out", async () => {
  await using python = await lab();
  await python.warm.importTypes([TROUBLE]);
  const slow = { trouble: { type: TROUBLE, config: { slow_start: 60 } }, power: { type: POWER } };
  await using without = await running(python, slow, { startMs: 1_000 });
  assert.match(
    without.launched.problems.get("trouble")!.message,
    /expected that its constructor returns within 1 s, found that it hangs/,
  );
  await without.call("power", "on");
  const exits = { trouble: { type: TROUBLE, config: { exit_code: 3 } }, power: { type: POWER } };
  await using rest = await running(python, exits);
  assert.match(
    rest.launched.problems.get("trouble")!.message,
    /its constructor returns, found that it ended the process with exit code 3; .*about to exit/,
  );
  await rest.call("power", "on");
  await rest[Symbol.asyncDispose]();
  await without[Symbol.asyncDispose]();
  await assertOnlyHost(python);
});

const HANGS = {
  "a ping": [300, /does not answer/],
  "a lease": [60_000, /forks no process/],
} as const;

for (const [who, [pingMs, trouble]] of Object.entries(HANGS)) {
  Deno.test(`a host that hangs is noticed by ${who}, replaced, and ended after its last child`, async () => {
    await using python = await lab({ pingMs });
    const child = await running(python, { power: { type: POWER } });
    const pid = await only(python, "jmp-python");
    Deno.kill(pid, "SIGSTOP");
    if (pingMs < 1_000) await until(() => python.troubles.length > 0);
    assert.equal(await child.call("power", "on"), null);
    await using next = await running(python, { power: { type: POWER } });
    await next.call("power", "on");
    assert.match(python.troubles[0]!, trouble);
    await child[Symbol.asyncDispose]();
    await until(async () => !(await python.processes()).includes(pid));
  });
}
