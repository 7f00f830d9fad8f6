import assert from "node:assert/strict";
import { until } from "../../tests/until.ts";
import { killOffspring, offspring, type SessionLeader } from "./offspring.ts";
import { listProcesses } from "./processes.ts";
import { Watcher } from "./watcher.ts";

/** Starts a shell that leads a session; it has written `ready` when its children run. */
async function start(script: string): Promise<SessionLeader & { shell: Deno.ChildProcess }> {
  const mark = `JMP_TEST_MARK=${crypto.randomUUID()}`;
  const shell = new Deno.Command("/bin/sh", {
    args: ["-c", `${script}\necho ready; wait`],
    env: { JMP_TEST_MARK: mark.slice(mark.indexOf("=") + 1) },
    detached: true,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const reader = shell.stdout.getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /ready/);
  await reader.cancel();
  return { pid: shell.pid, mark, shell };
}

/** Started in the session, in one of its own, as an orphan, and without the mark. */
const CHILDREN = [
  "sleep 71000 &",
  "setsid sleep 71001 &",
  "(setsid sleep 71002 &)",
  "env -i sleep 71003 &",
  "(env -i sleep 71004 &)",
  "setsid sh -c 'env -i sleep 71005 & wait' &",
  "sh -c 'trap \"\" TERM; sleep 71006; :' &",
].map((line) => line.replace("&", ">/dev/null 2>&1 &")).join("\n");

/** The command lines of all processes. */
async function commands(): Promise<string[]> {
  return await Promise.all((await listProcesses()).map(async ({ pid }) => {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    return line.replaceAll("\0", " ").trim();
  }));
}

async function sleeping(seconds: RegExp): Promise<string[]> {
  return (await commands()).filter((line) => /^sleep \d+$/.test(line) && seconds.test(line));
}

Deno.test("killOffspring() kills what a child started, wherever it went", async () => {
  const leader = await start(CHILDREN);
  await until(async () => (await sleeping(/7100[0-6]/)).length === 7);
  assert.ok((await offspring(leader)).length >= 9);
  await killOffspring(leader);
  assert.deepEqual(await offspring(leader), []);
  assert.deepEqual(await sleeping(/7100[0-6]/), []);
  await leader.shell.status;
});

Deno.test("killOffspring() finds the daemons of a child that has ended", async () => {
  const leader = await start("(setsid sleep 1010 >/dev/null 2>&1 &)");
  await leader.shell.status;
  await until(async () => (await sleeping(/1010/)).length === 1);
  assert.equal((await offspring(leader)).length, 1);
  await killOffspring(leader);
  assert.deepEqual(await sleeping(/1010/), []);
});

Deno.test("a Watcher kills a child, its daemons and its folder when this process has ended", async () => {
  const folder = await Deno.makeTempDir({ prefix: "jmp-watcher-" });
  const leader = await start("sleep 1020 & (setsid sleep 1021 >/dev/null 2>&1 &)");
  const program = `
    import { Watcher } from ${JSON.stringify(new URL("watcher.ts", import.meta.url).href)};
    new Watcher({ mark: ${JSON.stringify(leader.mark)} }, ${JSON.stringify(folder)})
      .watch(${leader.pid});
    setTimeout(() => Deno.kill(Deno.pid, "SIGKILL"), 200);
    setInterval(() => {}, 1000);
  `;
  const url = `data:text/typescript,${encodeURIComponent(program)}`;
  const owner = new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", url] });
  assert.equal((await owner.output()).signal, "SIGKILL");
  await leader.shell.status;
  await until(async () => (await offspring(leader)).length === 0);
  await until(() => Deno.stat(folder).then(() => false, () => true));
});

Deno.test("a Watcher that is disposed leaves the child alone, and nothing of itself", async () => {
  const leader = await start("sleep 1030 &");
  const watcher = new Watcher(leader, "/nonexistent");
  watcher.watch(leader.pid);
  await watcher[Symbol.asyncDispose]();
  assert.ok((await offspring(leader)).length >= 2);
  assert.deepEqual((await commands()).filter((line) => line.includes(leader.mark)), []);
  await killOffspring(leader);
  await leader.shell.status;
});
