import assert from "node:assert/strict";
import { dirname } from "node:path";
import type { HookScript } from "./command.ts";
import { type HookOutcome, runHook } from "./hook.ts";
import { testFolder } from "../../files/testing.ts";
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
  await using folder = await testFolder();
  await using scope = new AsyncDisposableStack();
  const outcome = await runHook({
    hook: { script, timeoutSeconds: 20, ...hook },
    folder: folder.path,
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
});

/** Scripts that lack a program, with the message of their failure. */
const MISSING: readonly [Partial<HookScript> & { script: string; PATH?: string }, RegExp][] = [
  [
    { script: "true", exec: "/no/such/shell" },
    /a program at \/no\/such\/shell, .*\(exec\).* install/,
  ],
  [
    { script: "true", exec: "nosh" },
    /a program named nosh on PATH \(.*\(exec\), found none; install/,
  ],
  [
    { script: "#!/usr/bin/env python9\n1" },
    /named python9 on PATH .*\(#!\/usr\/bin\/env python9\)/,
  ],
  [{ script: "#!/opt/perl\n1" }, /a program at \/opt\/perl, .*\(#!\/opt\/perl\)/],
  [{ script: "nosuch" }, /^Hook failed with exit code 127: the command 'nosuch' was not found$/],
  [{ script: "nosuch", exec: "bash" }, /code 127: the command 'nosuch' was not found$/],
  [{ script: "exit 127" }, /code 127: a command was not found, see the output of the hook$/],
  [
    { script: "PATH=/bin; j power on" },
    /127: the command 'j' .* must keep it: PATH=\/my\/bin:\$PATH$/,
  ],
];

for (const [hook, message] of MISSING) {
  Deno.test(`runHook() names what is missing for ${JSON.stringify(hook)}`, async () => {
    const { outcome } = await run(hook.script, hook);
    assert.equal(outcome.ok, false);
    assert.match((outcome as { message: string }).message, message);
  });
}

Deno.test("runHook() starts a hook where PATH leads to no program of the system", async () => {
  const { outcome, lines } = await run("echo $PATH", { env: { PATH: "/missing" } });
  assert.deepEqual({ outcome, lines }, { outcome: { ok: true }, lines: ["/missing"] });
});

/** Programs that read their input, and what they print at its end. */
const READERS: readonly [string, string[]][] = [
  ["read x || echo end", ["end"]],
  ["cat; echo end; cat; echo again", ["end", "again"]],
  ["for i in 1 2 3; do read x; done; echo end", ["end"]],
  // Throws away what was typed, as programs do that ask for a password.
  ["sleep 0.3; perl -MPOSIX -e 'tcflush(0, TCIFLUSH)'; read x; echo end", ["end"]],
  ["while read x; do echo $x; done; echo end", ["end"]],
];

for (const [script, lines] of READERS) {
  Deno.test(`runHook() ends the input of: ${script}`, async () => {
    assert.deepEqual(await run(script), { outcome: { ok: true }, lines });
  });
}

Deno.test("runHook() runs a script by the interpreter of its first line, but exec has priority", async () => {
  const bash = await run('#!/bin/bash -e\n[[ a == a ]] && echo "bash $-" && false\necho lost');
  assert.match(bash.lines.join(), /^bash \S*e\S*$/);
  assert.equal(bash.outcome.ok, false);
  const awk = await run('#!/usr/bin/awk -f\nBEGIN { print "awk" }');
  assert.deepEqual(awk, { outcome: { ok: true }, lines: ["awk"] });
  const perl = await run('#!/usr/bin/env perl\nprint "perl ", -t STDOUT, "\\n";');
  assert.deepEqual(perl, { outcome: { ok: true }, lines: ["perl 1"] });
  const exec = await run("#!/usr/bin/awk -f\n[[ a == a ]] && echo bash", { exec: "bash" });
  assert.deepEqual(exec.lines, ["bash"]);
  await withFile("hook", '#!/usr/bin/awk -f\nBEGIN { print "a file" }', async (path) => {
    assert.deepEqual((await run(path)).lines, ["a file"]);
    assert.deepEqual((await run(path, { exec: "cat" })).lines.at(-1), 'BEGIN { print "a file" }');
  });
});

Deno.test("runHook() runs a script of a shell that is missing by /bin/sh, as the official exporter", async () => {
  const { outcome, lines } = await run("#!/usr/local/bin/fancysh\necho hello");
  assert.deepEqual(outcome, { ok: true });
  assert.match(
    lines[0]!,
    /no \/usr\/local\/bin\/fancysh, which the script names; runs it by \/bin\/sh/,
  );
  assert.equal(lines[1], "hello");
});

Deno.test("runHook() keeps pace with long lines and many lines, in bounded memory", async () => {
  const line = await run("head -c 3000000 /dev/zero | tr '\\0' x; echo");
  assert.equal(line.lines.join("").length, 3_000_000);
  assert.ok(line.lines.every(({ length }) => length < 64 * 1024), "a part of unbounded length");
  const many = await run("seq 60000");
  assert.equal(many.lines.length, 60_000);
  assert.equal(many.lines.at(-1), "60000");
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
    folder: "/missing",
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
