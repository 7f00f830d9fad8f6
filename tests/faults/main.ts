// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task test:faults`: injects every fault, or those whose names hold one of the
 * arguments, and prints what became of the exporter. `--quick` injects fewer, `--json`
 * prints the table for programs.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Bench, type Fault, type Outcome } from "./fault.ts";
import { faults } from "./list.ts";
import { table } from "./table.ts";

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: "boolean" }, json: { type: "boolean" } },
  });
  const outcomes: Outcome[] = [];
  for (const fault of choose(positionals)) {
    console.error(`${fault.name}:`);
    const bench = new Bench(values.quick ?? false, (line) => console.error(`  ${line}`));
    outcomes.push(await bench.outcome(fault));
  }
  console.log(values.json ? JSON.stringify(outcomes, null, 2) : table(outcomes));
  return outcomes.some(({ lost }) => lost > 0) ? 1 : 0;
}

function choose(words: readonly string[]): readonly Fault[] {
  const chosen = faults.filter(({ name }) => words.some((word) => name.includes(word)));
  if (words.length === 0) return faults;
  if (chosen.length > 0) return chosen;
  const known = faults.map(({ name }) => name).join(", ");
  throw new Error(`Cannot inject ${words.join(", ")}: expected parts of ${known}`);
}

Deno.exit(await main(Deno.args));
