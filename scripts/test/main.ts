// deno-lint-ignore-file no-console -- it speaks to whoever runs it.
/**
 * `deno task test`: the checks and the tests that need neither Python nor a build, and a closing
 * line with their results. `--all` runs every suite. Arguments narrow the tests to files or
 * folders, of any suite, and leave the checks out. `DENO_JOBS` is how many files run at once.
 *
 * @module
 */
import { officialClient } from "../../tests/official/environment.ts";
import { check } from "../check.ts";
import { atOnce } from "./at_once.ts";
import { type FileOptions, type FileResult, runFile } from "./file.ts";
import { endMarked } from "./processes.ts";
import { NONE, type Results, sum, textOf } from "./results.ts";
import { filesBelow, filesOf, type Suite, suiteOf, SUITES, UNIT } from "./suites.ts";

/** Files of one suite. */
interface Part {
  readonly suite: Suite;
  readonly files: readonly string[];
}

async function main(args: readonly string[]): Promise<number> {
  const paths = args.filter((argument) => argument !== "--all");
  const parts = paths.length > 0
    ? partsOf(await filesBelow(paths, `${Deno.cwd()}/`))
    : await wholeSuites(args.includes("--all") ? SUITES : [UNIT]);
  const checking = paths.length > 0 ? Promise.resolve(true) : check();
  const live = parts.length === 1 && parts[0]!.files.length === 1;
  let total = NONE;
  const lines: string[] = [];
  const failures: string[] = [];
  for (const { suite, files } of parts) {
    const start = performance.now();
    if (suite.official) await officialClient();
    const results = await runAll(files, suite, live);
    failures.push(...results.filter(({ failed }) => failed > 0).map(lineOf));
    const whole = results.reduce<Results>(sum, NONE);
    lines.push(`${suite.name}: ${textOf(whole)} in ${seconds(performance.now() - start)}`);
    total = sum(total, whole);
  }
  if (!await checking) {
    failures.push("deno task check failed");
    total = sum(total, { ...NONE, failed: 1 });
  }
  for (const line of [...failures, ...lines]) console.log(line);
  console.log(textOf(total));
  const intolerable = total.skipped > 0 && Deno.env.get("CI") === "true";
  return total.failed > 0 || total.passed === 0 || intolerable ? 1 : 0;
}

function partsOf(files: readonly string[]): Part[] {
  return SUITES.map((suite) => ({ suite, files: files.filter((file) => suiteOf(file) === suite) }))
    .filter(({ files }) => files.length > 0);
}

function wholeSuites(suites: readonly Suite[]): Promise<Part[]> {
  return Promise.all(suites.map(async (suite) => ({ suite, files: await filesOf(suite) })));
}

/** Runs the files, as many at once as the suite allows, and prints what became of each. */
function runAll(files: readonly string[], suite: Suite, live: boolean): Promise<FileResult[]> {
  return atOnce(files, jobsOf(suite), async (file) => {
    const result = await runFile(file, { ...optionsFor(file, suite), live });
    console.log(lineOf(result));
    if (result.failed > 0) console.log(result.output);
    return result;
  });
}

function optionsFor(file: string, { boundMs }: Suite): FileOptions {
  // Tests across processes are not held to that: grpc-js lets the timers of closed connections
  // run out by themselves.
  return { boundMs, mark: RUN, sanitized: /^(src|drivers|scripts)\//.test(file) };
}

function jobsOf({ jobsPerCore }: Suite): number {
  const wanted = Number(Deno.env.get("DENO_JOBS")) || jobsPerCore * navigator.hardwareConcurrency;
  return jobsPerCore === 0 ? 1 : Math.max(1, wanted);
}

function lineOf(result: FileResult): string {
  const { file, ms, complaint } = result;
  const why = complaint === undefined ? "" : `: ${complaint}`;
  const word = result.failed > 0 ? "FAILED" : "ok";
  return `${word} ${file} (${textOf(result)}, ${seconds(ms)})${why}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Tells the processes of this run from those of others. */
const RUN = crypto.randomUUID();

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.addSignalListener(signal, async () => {
    await endMarked(RUN);
    Deno.exit(code);
  });
}

try {
  Deno.exit(await main(Deno.args));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
