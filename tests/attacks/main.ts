// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task test:attacks`: runs all attacks, or those whose names contain one of the arguments,
 * against the built executable: as root and as an ordinary user, over a Unix socket, over TLS and
 * through a tunnel, and from the host itself. Prints the effect on the exporter and on a
 * well-behaved client. `--short` runs smaller attacks, `--as` and `--over` choose users and ways,
 * `--json` prints the table for programs. Needs root.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Attack, type Outcome, scaleOf, type User, type Way, WAYS } from "./attack.ts";
import { attacks, hostAttacks } from "./list.ts";
import { endure, measure } from "./measure.ts";
import { table } from "./table.ts";

const USERS: readonly User[] = ["root", "user"];

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      short: { type: "boolean", default: false },
      as: { type: "string", multiple: true, default: [...USERS] },
      over: { type: "string", multiple: true, default: [...WAYS, "host"] },
      json: { type: "boolean", default: false },
    },
  });
  const scale = scaleOf(values.short);
  const outcomes: Outcome[] = [];
  const keep = async (what: string, outcome: Promise<Outcome>) => {
    console.error(what);
    const kept = await outcome;
    for (const text of kept.broken) console.error(`  ${text}`);
    outcomes.push(kept);
  };
  const wanted = choose(positionals);
  for (const user of USERS.filter((name) => values.as.includes(name))) {
    for (const attack of attacks.filter(wanted)) {
      for (const way of waysOf(attack, values.over)) {
        const what = `${attack.name} as ${user} over ${way}`;
        await keep(what, measure(attack, { way, user, scale }));
      }
    }
    if (!values.over.includes("host")) continue;
    for (const attack of hostAttacks.filter(wanted)) {
      await keep(`${attack.name} as ${user}`, endure(attack, user));
    }
  }
  console.log(values.json ? JSON.stringify(outcomes, null, 2) : table(outcomes));
  const slowest = Math.max(0, ...outcomes.map(({ effect }) => effect?.slowestMs ?? 0));
  console.log(`the slowest answer beside an attack took ${Math.round(slowest)} ms`);
  const broken = outcomes.filter(({ broken }) => broken.length > 0).length;
  console.log(`${outcomes.length - broken} held, ${broken} broken`);
  return broken > 0 ? 1 : 0;
}

function waysOf({ ways = WAYS }: Attack, over: readonly string[]): readonly Way[] {
  return ways.filter((way) => over.includes(way));
}

/** Chooses attacks whose names contain one of the words. */
function choose(words: readonly string[]): (attack: { readonly name: string }) => boolean {
  const known = [...attacks, ...hostAttacks].map(({ name }) => name);
  const strange = words.find((word) => !known.some((name) => name.includes(word)));
  if (strange !== undefined) {
    throw new Error(`Cannot attack by ${strange}: expected parts of ${known.join(", ")}`);
  }
  return ({ name }) => words.length === 0 || words.some((word) => name.includes(word));
}

Deno.exit(await main(Deno.args));
