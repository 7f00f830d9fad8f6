// deno-lint-ignore-file no-console -- it speaks to whoever runs it.
/**
 * `deno task test`: the checks, the tests, and a closing line with their results.
 * Arguments narrow the tests to files or folders and leave the checks out; `--all` adds
 * the tests on emulated hardware, which boot a virtual machine.
 *
 * @module
 */
import { officialClient } from "../tests/official/environment.ts";
import { check } from "./check.ts";

const root = new URL("../", import.meta.url).pathname;

interface Results {
  passed: number;
  failed: number;
  skipped: number;
}

/** Counts test cases in the JUnit report, so that the closing line is what was run. */
function count(junit: string): Results {
  const attribute = (name: string) => {
    const head = /<testsuites[^>]*>/.exec(junit)?.[0] ?? "";
    return Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  };
  const failed = attribute("failures") + attribute("errors");
  const skipped = junit.match(/<skipped/g)?.length ?? 0;
  return { passed: attribute("tests") - failed - skipped, failed, skipped };
}

/**
 * Sources are held to leave nothing behind, timers included. Tests across processes are
 * not: grpc-js lets the timers of closed connections run out by themselves. Files run
 * one after the other, as some count the descriptors of this process.
 */
const NOTHING_LEFT = ["--sanitize-ops", "--sanitize-resources"];

/** It leaves endless loops behind: Deno 2.9 ends a worker, but not the loop that it is in. */
const LOOPS = "src/foreign/worker/isolation_test.ts";

const SUITES: readonly Suite[] = [
  { paths: ["src", "drivers"], flags: [...NOTHING_LEFT, `--ignore=${LOOPS}`], except: LOOPS },
  { paths: [LOOPS], flags: NOTHING_LEFT },
  { paths: ["tests"], flags: [] },
];
const HARDWARE: Suite = { paths: ["tests/hardware/hardware.ts"], flags: [] };

/** Tests that share a process. */
interface Suite {
  readonly paths: readonly string[];
  readonly flags: readonly string[];
  /** A file in the paths that has a process of its own. */
  readonly except?: string;
}

/** What of a suite the paths name: files and folders in it, or the whole of what lies in one of them. */
function chosenOf(suite: Suite, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return suite.paths;
  const inner = paths.filter((path) =>
    path !== suite.except && suite.paths.some((own) => isWithin(path, own))
  );
  const outer = suite.paths.filter((own) =>
    paths.some((path) => path !== own && isWithin(own, path))
  );
  return [...inner, ...outer];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/$/, "")}/`);
}

async function runSuites(paths: string[], all: boolean): Promise<Results> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const suite of all ? [...SUITES, HARDWARE] : SUITES) {
    const chosen = chosenOf(suite, paths);
    if (chosen.length === 0) continue;
    const { passed, failed, skipped } = await runTests(suite.flags, chosen);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
  }
  return total;
}

async function runTests(flags: readonly string[], paths: readonly string[]): Promise<Results> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-test-" });
  const report = `${dir}/junit.xml`;
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-A",
        "--no-check",
        ...flags,
        `--junit-path=${report}`,
        ...paths,
      ],
      cwd: root,
    }).spawn().status;
    const junit = await Deno.readTextFile(report).catch(() => "");
    const results = count(junit);
    // A module that fails to load is no test case of the report.
    if (!success && results.failed === 0) results.failed = 1;
    return results;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function main(args: string[]): Promise<number> {
  const paths = args.filter((argument) => argument !== "--all");
  const checked = paths.length > 0 || await check();
  await officialClient();
  const results = await runSuites(paths, args.includes("--all"));
  if (!checked) results.failed += 1;
  const { passed, failed, skipped } = results;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  const intolerable = skipped > 0 && Deno.env.get("CI") === "true";
  return failed > 0 || passed === 0 || intolerable ? 1 : 0;
}

Deno.exit(await main(Deno.args));
