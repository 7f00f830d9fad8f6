/**
 * Runs one test file in a process of its own: it shares no descriptors, timers and libraries
 * with other files, an error that nothing catches is its own, and it can be ended.
 *
 * @module
 */
import { commandOf, endMarked, MARK, marked } from "./processes.ts";
import { NONE, type Results, resultsOf } from "./results.ts";

const root = new URL("../../", import.meta.url).pathname;

/** How one file is run. */
export interface FileOptions {
  /** After so many ms the file counts as hung, and is ended with all that it has started. */
  readonly boundMs: number;
  /** For processes of this run; those of a file have the file's name behind it. */
  readonly mark: string;
  /** Holds each test to leave no timer, descriptor or the like behind. */
  readonly sanitized: boolean;
  /** Lets its output through instead of keeping it. @default false */
  readonly live?: boolean;
  /** How long processes may outlive the file before they count as left behind. @default 10_000 */
  readonly graceMs?: number;
}

/** What became of a file. */
export interface FileResult extends Results {
  readonly file: string;
  readonly ms: number;
  /** Why it failed besides its failed tests. */
  readonly complaint?: string;
  /** All that it has printed; empty where that was let through. */
  readonly output: string;
}

/** Runs the tests of `file`. */
export async function runFile(file: string, options: FileOptions): Promise<FileResult> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-test-" });
  const mark = `${options.mark}/${file}`;
  const start = performance.now();
  try {
    const ended = await run(file, dir, mark, options);
    const report = await Deno.readTextFile(`${dir}/junit.xml`).catch(() => "");
    const results = resultsOf(report);
    const complaint = ended.complaint ?? await leftBehind(mark, options.graceMs) ??
      complaintOf(ended.success, results);
    const counted = results ?? NONE;
    return {
      ...counted,
      file,
      ms: performance.now() - start,
      // What is no failed test is one failure more, so that no file fails without a number.
      failed: counted.failed + (complaint === undefined ? 0 : 1),
      ...(complaint !== undefined && { complaint }),
      output: await Deno.readTextFile(`${dir}/output`).catch(() => ""),
    };
  } finally {
    await endMarked(mark);
    await Deno.remove(dir, { recursive: true });
  }
}

async function run(file: string, dir: string, mark: string, options: FileOptions) {
  const { boundMs, sanitized, live = false } = options;
  const args = [
    ...["test", "-A", "--no-check", `--junit-path=${dir}/junit.xml`],
    ...(sanitized ? ["--sanitize-ops", "--sanitize-resources"] : []),
    file,
  ];
  // To a file, as a process that is left behind would keep a pipe open.
  const script = live ? 'exec "$@"' : 'exec "$@" >"$0" 2>&1';
  const child = new Deno.Command("sh", {
    args: ["-c", script, `${dir}/output`, Deno.execPath(), ...args],
    cwd: root,
    env: { [MARK]: mark },
    stdin: "null",
  }).spawn();
  let ending: Promise<void> | undefined;
  const guard = setTimeout(() => ending = endMarked(mark), boundMs);
  const { success } = await child.status;
  clearTimeout(guard);
  await ending;
  return { success, complaint: ending ? `it did not end within ${boundMs / 1000} s` : undefined };
}

/** Which processes still run, after a while in which they may end. */
async function leftBehind(mark: string, graceMs = 10_000): Promise<string | undefined> {
  for (const end = performance.now() + graceMs; marked(mark).length > 0;) {
    if (performance.now() > end) {
      return `it left processes behind: ${marked(mark).map(commandOf).join("; ")}`;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

function complaintOf(success: boolean, results: Results | undefined): string | undefined {
  if (results === undefined) return "it ended without a report";
  if (!success && results.failed === 0) return "it failed outside of its tests";
  if (results.passed + results.failed + results.skipped === 0) return "it has no test";
  return undefined;
}
