import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { HookScript } from "./command.ts";
import { type HookOutcome, runHook } from "./hook.ts";
import "../../libc/testing.ts";
import { groupMembers } from "../../subprocess/group.ts";

interface Ran {
  readonly outcome: HookOutcome;
  readonly lines: string[];
}

async function run(
  script: string,
  more: Partial<HookScript> & { env?: Record<string, string>; abortOn?: string } = {},
): Promise<Ran> {
  const { env = {}, abortOn, ...hook } = more;
  const lines: string[] = [];
  const abort = new AbortController();
  await using scope = new AsyncDisposableStack();
  const outcome = await runHook({
    hook: { script, timeoutSeconds: 20, ...hook },
    env: { LEASE_NAME: crypto.randomUUID(), ...env },
    onLine: (line) => {
      lines.push(line);
      if (line === abortOn) abort.abort();
    },
    signal: abort.signal,
    scope,
  });
  return { outcome, lines };
}

async function withFile(name: string, text: string, use: (path: string) => Promise<void>) {
  const dir = await Deno.makeTempDir({ prefix: "jmp-hook-" });
  try {
    await Deno.writeTextFile(`${dir}/${name}`, text);
    await use(`${dir}/${name}`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("runHook() reports every line, and provides a terminal and the environment", async () => {
  const { outcome, lines } = await run(
    `tty -s && echo "a terminal"; echo; echo "  $CLIENT_NAME $TERM $DEBIAN_FRONTEND" >&2
     printf 'no end'`,
    { env: { CLIENT_NAME: "me" } },
  );
  assert.deepEqual(outcome, { ok: true });
  assert.deepEqual(lines, ["a terminal", "  me dumb noninteractive", "no end"]);
});

Deno.test("runHook() reports the states of a progress bar on one line", async () => {
  const { lines } = await run("printf '\\r10 %%\\r\\r20 %%\\r\\nnext\\r'");
  assert.deepEqual(lines, [" 10 % 20 %", "next"]);
});

Deno.test("runHook() reports many lines in order, without a loss", async () => {
  const { lines } = await run("for i in $(seq 5000); do echo $i; done");
  assert.deepEqual(lines, Array.from({ length: 5000 }, (_, index) => String(index + 1)));
});

Deno.test("runHook() replaces bytes that are not UTF-8", async () => {
  const { lines } = await run("printf 'a\\377b\\n'");
  assert.deepEqual(lines, ["a\ufffdb"]);
});

Deno.test("runHook() reports how a hook failed", async () => {
  assert.deepEqual((await run("exit 3")).outcome, {
    ok: false,
    message: "Hook failed with exit code 3",
  });
  const killed = (await run("kill -KILL $$")).outcome;
  assert.deepEqual(killed, { ok: false, message: "Hook failed with exit code 137 (SIGKILL)" });
  const missing = (await run("true", { exec: "/no/such/shell" })).outcome;
  assert.deepEqual(missing, { ok: false, message: "Hook failed with exit code 127" });
});

Deno.test("runHook() skips an empty script", async () => {
  assert.deepEqual(await run("  \n "), { outcome: { ok: true }, lines: [] });
});

Deno.test("runHook() chooses the interpreter by the extension of a file, or by `exec`", async () => {
  await withFile("hook.sh", 'echo "sh $0"', async (path) => {
    assert.deepEqual((await run(path)).lines, [`sh ${path}`]);
  });
  // A fake python3, because the tests need no Python.
  await withFile("python3", '#!/bin/sh\ntest -t 1 && echo "python3 $*"', async (python) => {
    await Deno.chmod(python, 0o755);
    const PATH = `${dirname(python)}:${Deno.env.get("PATH")}`;
    await withFile("hook.py", "no shell reads this", async (path) => {
      assert.deepEqual((await run(path, { env: { PATH } })).lines, [`python3 ${path}`]);
    });
  });
  const bash = await run("[[ a == a ]] && echo bash", { exec: "bash" });
  assert.deepEqual(bash.lines, ["bash"]);
});

Deno.test("runHook() ends a hook at its timeout, with all processes that it started", async () => {
  const { outcome, lines } = await run("sleep 1000 & echo $$; sleep 1000", { timeoutSeconds: 0.3 });
  assert.deepEqual(outcome, { ok: false, message: "Hook timed out after 0.3 seconds" });
  assert.deepEqual(await groupMembers(Number(lines[0])), []);
});

Deno.test("runHook() ends a hook that ignores SIGTERM", async () => {
  const { outcome, lines } = await run("trap '' TERM; echo $$; while :; do sleep 1; done", {
    timeoutSeconds: 0.3,
  });
  assert.equal(outcome.ok, false);
  assert.deepEqual(await groupMembers(Number(lines[0])), []);
});

Deno.test("runHook() ends a hook when its signal aborts", async () => {
  const { outcome } = await run("echo go; sleep 1000", { abortOn: "go" });
  assert.deepEqual(outcome, { ok: false, message: "Hook was interrupted" });
});

Deno.test("runHook() lets a process that the hook left running live until the lease ends", async () => {
  const lines: string[] = [];
  const scope = new AsyncDisposableStack();
  const outcome = await runHook({
    hook: { script: "sleep 1000 </dev/null >/dev/null 2>&1 & echo $$", timeoutSeconds: 20 },
    env: { LEASE_NAME: crypto.randomUUID() },
    onLine: (line) => void lines.push(line),
    signal: new AbortController().signal,
    scope,
  });
  const pgid = Number(lines[0]);
  assert.equal(outcome.ok, true);
  assert.equal((await groupMembers(pgid)).length, 1);
  await scope.disposeAsync();
  assert.deepEqual(await groupMembers(pgid), []);
});

Deno.test("runHook() leaks no descriptors", async () => {
  const count = () => [...Deno.readDirSync("/proc/self/fd")].length;
  await run("true");
  const before = count();
  for (let round = 0; round < 10; round++) await run("echo hello");
  assert.equal(count(), before);
});
