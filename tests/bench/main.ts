// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task bench`: compares our exporter with the official Python one 0.9.0, in turn, on
 * this machine, under the load of the official client.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { bench, type Options } from "./bench.ts";
import { describe, loadAverage, lookAround } from "./machine.ts";
import { processTree, signal } from "./proc.ts";
import { openRig } from "./rig.ts";
import { markdown, rows } from "./table.ts";
import { type TransportName, transports } from "./transports.ts";

const NAMES: readonly Options["transports"][number][] = [
  ...Object.keys(transports) as TransportName[],
  "j",
];

const USAGE = `usage: deno task bench [options]
  --reps N          how often each exporter is started for each transport (5)
  --seconds S       how long each scenario runs, after half as long to warm up (0.8)
  --image MB        size of the image that storages are written with (200)
  --quick           1 repetition of 0.3 s: does it work at all?
  --transport NAME  ${NAMES.join(" or ")}; may be repeated (all)
  --only TEXT       only scenarios with TEXT in their name
  --json            medians and every sample as JSON

JMP_TEST_BINARY=FILE measures a built binary in place of the sources.
Medians of fewer than 5 repetitions, or of a busy machine, say little.`;

/** 128 + SIGINT. */
const INTERRUPTED = 130;

function options(args: string[]): { help: boolean; json: boolean; options: Options } {
  const { values } = parseArgs({
    args,
    options: {
      reps: { type: "string" },
      seconds: { type: "string" },
      image: { type: "string" },
      quick: { type: "boolean", default: false },
      transport: { type: "string", multiple: true },
      only: { type: "string", default: "" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { quick, help, json, only } = values;
  return {
    help,
    json,
    options: {
      reps: positive("--reps", values.reps ?? (quick ? "1" : "5")),
      seconds: positive("--seconds", values.seconds ?? (quick ? "0.3" : "0.8")),
      transports: (values.transport ?? NAMES).map(transportName),
      only,
      imageMb: positive("--image", values.image ?? (quick ? "10" : "200")),
      progress: (line) => console.error(line),
    },
  };
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (number > 0) return number;
  throw new Error(`Cannot use ${option}: expected a number above 0, found '${text}'`);
}

function transportName(text: string): Options["transports"][number] {
  const found = NAMES.find((name) => name === text);
  if (found) return found;
  throw new Error(`Cannot use --transport: expected ${NAMES.join(" or ")}, found '${text}'`);
}

async function main(args: string[]): Promise<void> {
  const { help, json, options: chosen } = options(args);
  if (help) return console.log(USAGE);
  const before = loadAverage();
  await using rig = await openRig();
  const machine = await lookAround(rig);
  const results = await bench(rig, chosen);
  const loads: [number, number] = [before, loadAverage()];
  if (json) {
    const tables = results.map((result) => ({ ...result, rows: rows(result) }));
    return console.log(JSON.stringify({ machine, loads, results: tables }, null, 2));
  }
  for (const result of results) console.log(`${markdown(result)}\n`);
  console.log(describe(machine, loads));
}

/** Ends the child processes; then the code that waits for them fails and cleans up. */
function interrupt(): void {
  signal(processTree(Deno.pid).slice(1), "SIGTERM");
}

async function run(): Promise<number> {
  let interrupted = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => {
      interrupted = true;
      interrupt();
    });
  }
  try {
    await main(Deno.args);
    return 0;
  } catch (error) {
    // The first error, not one of the cleanup that followed.
    const cause = error instanceof SuppressedError ? error.suppressed : error;
    console.error(interrupted ? "Interrupted" : cause);
    return interrupted ? INTERRUPTED : 1;
  }
}

if (import.meta.main) Deno.exit(await run());
