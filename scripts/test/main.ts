// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task test`: the checks and the tests that need neither the official client nor a build,
 * and a closing line with their results. `--all` runs every suite. Arguments narrow the tests to
 * files or folders, of any suite, and leave the checks out. `DENO_JOBS` is how many light files
 * run at once.
 *
 * @module
 */
import { officialClient } from "../../tests/official/environment.ts";
import { officialDrivers } from "../../tests/python/wheels/environment.ts";
import { check } from "../check.ts";
import { type FileOptions, type FileResult, runFile } from "./file.ts";
import { endMarked } from "./processes.ts";
import { workThrough } from "./queue.ts";
import { NONE, type Results, sum, textOf } from "./results.ts";
import { filesBelow, filesOf, type Suite, suiteOf, SUITES, UNIT } from "./suites.ts";

/** What became of one file, and of which suite it is. */
interface Ran {
  readonly suite: Suite;
  readonly result: FileResult;
  /** Both on the clock of `performance.now()`. */
  readonly from: number;
  readonly to: number;
}

async function main(args: readonly string[]): Promise<number> {
  const paths = args.filter((argument) => argument !== "--all");
  const checking = paths.length > 0 ? Promise.resolve(true) : check();
  const ran = await runAll(await chosen(paths, args.includes("--all")));
  const checked = await checking;
  for (const { result } of ran) if (result.failed > 0) console.log(lineOf(result));
  if (!checked) console.log("FAILED deno task check");
  for (const suite of SUITES) tellSuite(suite, ran.filter((one) => one.suite === suite));
  const total = [...ran.map(({ result }) => result), { ...NONE, failed: checked ? 0 : 1 }]
    .reduce<Results>(sum, NONE);
  console.log(textOf(total));
  const intolerable = total.skipped > 0 && Deno.env.get("CI") === "true";
  return total.failed > 0 || total.passed === 0 || intolerable ? 1 : 0;
}

async function chosen(paths: readonly string[], all: boolean): Promise<readonly string[]> {
  if (paths.length > 0) return await filesBelow(paths, `${Deno.cwd()}/`);
  return (await Promise.all((all ? SUITES : [UNIT]).map(filesOf))).flat();
}

/** Runs the files, as many at once as the machine can bear, and prints what became of each. */
async function runAll(files: readonly string[]): Promise<Ran[]> {
  // Once, as the files that need it would all install it.
  if (files.some((file) => suiteOf(file).official)) await officialClient();
  if (files.some((file) => suiteOf(file).drivers)) await officialDrivers();
  const live = files.length === 1;
  return await workThrough(files, JOBS, (file) => suiteOf(file).weight, async (file) => {
    const from = performance.now();
    const suite = suiteOf(file);
    const result = await runFile(file, { ...optionsFor(file, suite), live });
    console.log(lineOf(result));
    if (result.failed > 0) console.log(result.output);
    return { suite, result, from, to: performance.now() };
  });
}

/** Most tests wait more than they compute. */
const JOBS = Number(Deno.env.get("DENO_JOBS")) || 3 * navigator.hardwareConcurrency;

function optionsFor(file: string, { boundMs }: Suite): FileOptions {
  // Tests across processes are not held to that: grpc-js lets the timers of closed connections
  // run out by themselves.
  return { boundMs, mark: RUN, sanitized: /^(src|drivers|scripts)\//.test(file) };
}

/** The results of a suite, and how long it took from the start of its first file to the end of its last. */
function tellSuite({ name }: Suite, ran: readonly Ran[]): void {
  if (ran.length === 0) return;
  const took = Math.max(...ran.map(({ to }) => to)) - Math.min(...ran.map(({ from }) => from));
  const results = ran.map(({ result }) => result).reduce<Results>(sum, NONE);
  console.log(`${name}: ${textOf(results)} in ${seconds(took)}`);
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
