/** The runner on files that end in every way that a test file may end in. */
import assert from "node:assert/strict";
import { type FileOptions, type FileResult, runFile } from "./file.ts";
import { marked } from "./processes.ts";
import { workThrough } from "./queue.ts";

const GOOD = `Deno.test("good", () => {});`;

/** Runs files with these contents, two at once, each bounded by what a busy machine needs. */
async function results(
  texts: Readonly<Record<string, string>>,
  options: Partial<FileOptions> = {},
): Promise<Record<string, FileResult>> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-samples-" });
  const mark = crypto.randomUUID();
  try {
    const found = await workThrough(Object.entries(texts), 2, () => 1, async ([name, text]) => {
      await Deno.writeTextFile(`${dir}/${name}.ts`, text);
      const usual = { boundMs: 60_000, mark, sanitized: false };
      return [name, await runFile(`${dir}/${name}.ts`, { ...usual, ...options })] as const;
    });
    assert.deepEqual(marked(mark), []);
    return Object.fromEntries(found);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function counts({ passed, failed, skipped }: FileResult): readonly number[] {
  return [passed, failed, skipped];
}

Deno.test("what passes, fails and is skipped is counted, and a file without a test fails", async () => {
  const { good, mixed, empty } = await results({
    good: GOOD,
    mixed: `${GOOD} Deno.test("bad", () => { throw new Error("on purpose"); });
      Deno.test.ignore("skipped", () => {});`,
    empty: "export {};",
  });
  assert.deepEqual(counts(good!), [1, 0, 0]);
  assert.equal(good!.complaint, undefined);
  assert.deepEqual(counts(mixed!), [1, 1, 1]);
  assert.match(mixed!.output, /on purpose/);
  assert.deepEqual(counts(empty!), [0, 1, 0]);
  assert.equal(empty!.complaint, "it has no test");
});

Deno.test("an error outside of the tests fails its file, and no other", async () => {
  const found = await results({
    load: `${GOOD} throw new Error("while loading");`,
    syntax: `${GOOD} }`,
    uncaught: `Deno.test("uncaught", async () => {
        setTimeout(() => { throw new Error("from a timer"); }, 1);
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      }); ${GOOD}`,
    exit: `Deno.test("exit", { sanitizeExit: false }, () => Deno.exit(0));`,
    killed: `${GOOD} Deno.test("killed", () => Deno.kill(Deno.pid, "SIGKILL"));`,
    good: GOOD,
  });
  for (const name of ["load", "syntax", "uncaught", "exit", "killed"]) {
    assert.ok(found[name]!.failed > 0, `${name}: ${found[name]!.output}`);
  }
  assert.match(found["load"]!.output, /while loading/);
  assert.match(found["uncaught"]!.output, /from a timer/);
  assert.equal(found["killed"]!.complaint, "it ended without a report");
  assert.deepEqual(counts(found["good"]!), [1, 0, 0]);
});

Deno.test("a file that hangs is ended with all that it has started, and the others go on", async () => {
  const start = `new Deno.Command("sleep", { args: ["1000"], detached: true }).spawn();`;
  const found = await results({
    waits: `Deno.test("waits", async () => { console.log("begun"); ${start}
      await new Promise((resolve) => setTimeout(resolve, 1e9)); });`,
    good: GOOD,
  }, { boundMs: 6_000 });
  assert.deepEqual(counts(found["waits"]!), [0, 1, 0]);
  assert.equal(found["waits"]!.complaint, "it did not end within 6 s");
  assert.match(found["waits"]!.output, /begun/);
  assert.deepEqual(counts(found["good"]!), [1, 0, 0]);
  const { loops } = await results({ loops: "while (true);" }, { boundMs: 1_000 });
  assert.deepEqual(counts(loops!), [0, 1, 0]);
});

Deno.test("a file that leaves a process behind fails, and the process ends", async () => {
  const { leaves } = await results({
    leaves: `Deno.test("leaves", async () => {
      await new Deno.Command("sh", { args: ["-c", "setsid sleep 1000 >/dev/null 2>&1 &"] }).output();
    });`,
  }, { graceMs: 200 });
  assert.deepEqual(counts(leaves!), [1, 1, 0]);
  assert.match(leaves!.complaint!, /^it left processes behind: sleep 1000$/);
});

Deno.test("tests of sources are held to leave no timer behind", async () => {
  const timer = `Deno.test("timer", () => void setTimeout(() => {}, 100));`;
  const { held } = await results({ held: timer }, { sanitized: true });
  assert.deepEqual(counts(held!), [0, 1, 0]);
  const { free } = await results({ free: timer });
  assert.deepEqual(counts(free!), [1, 0, 0]);
});
