/** Tells which drivers the packages of an environment have, and what each of them is. @module */
import { z } from "zod";
import { DriverError } from "../../wire/error.ts";
import { boundedRun } from "../../subprocess/bounded_run.ts";
import type { PythonEnvironment } from "./environment.ts";
import { lastLine } from "./output.ts";
import describeScript from "./telling/describe.py" with { type: "text" };
import listScript from "./telling/list.py" with { type: "text" };

/** The import of a driver with large libraries takes several seconds on a small board. */
const BOUNDS = { ms: 20_000, maxBytes: 4 * 1024 * 1024 };

/** Begins the line of the answer: packages may print when they are imported. */
const MARK = "jmp-drivers:";

/** Texts of packages are theirs: of any length, and perhaps empty. */
const line = z.string().transform((text) => text.slice(0, 200));

const listed = z.array(z.object({
  type: z.string(),
  distribution: z.string(),
  version: z.string(),
  summary: line,
  client: z.string().nullable(),
}));

/** A driver of an installed package. */
export type PythonDriver = z.output<typeof listed>[number];

const methods = z.record(z.string(), line);

const described = z.object({
  client: z.string(),
  summary: line,
  distribution: z.string().optional(),
  version: z.string().optional(),
  keys: z.array(z.object({
    name: z.string(),
    type: z.string(),
    required: z.boolean(),
    default: z.unknown().optional(),
    meaning: line.optional(),
  })),
  methods: z.object({ calls: methods, streams: methods, bytes: methods }),
  makes: z.array(z.string()),
  uses: z.array(z.string()),
});

/** What the class of a driver tells. */
export type DescribedPythonDriver = z.output<typeof described>;

/**
 * Lists the drivers of installed packages: those of entry points, and those of `known` types,
 * since some packages have none. Imports no package.
 *
 * @throws {DriverError} if the interpreter does not answer within 20 s.
 */
export async function listPythonDrivers(
  { python }: PythonEnvironment,
  known: readonly string[],
): Promise<PythonDriver[]> {
  return listed.parse(await ask(python, listScript, JSON.stringify(known)));
}

/**
 * Imports the class of a driver, and describes it without making a driver.
 *
 * @throws {DriverError} if it cannot be imported within 20 s, with the reason.
 */
export async function describePythonDriver(
  { python }: PythonEnvironment,
  type: string,
): Promise<DescribedPythonDriver> {
  const answer = await ask(python, describeScript, type);
  const { problem } = answer as { problem?: unknown };
  if (problem === undefined) return described.parse(answer);
  throw new DriverError(`Cannot describe ${type} with ${python}: ${line.parse(problem)}`);
}

async function ask(python: string, script: string, argument: string): Promise<unknown> {
  const args = ["-c", script, MARK, argument];
  const { late, success, how, stdout, stderr } = await boundedRun(python, args, BOUNDS);
  if (late) throw new DriverError(`${python} did not answer within ${BOUNDS.ms / 1000} s`);
  const answer = stdout.split("\n").findLast((each) => each.startsWith(MARK));
  if (success && answer !== undefined) return JSON.parse(answer.slice(MARK.length));
  const said = lastLine(stderr) || "nothing";
  throw new DriverError(`expected the answer of ${python}, found ${how}; it said: ${said}`);
}
