// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task test:fuzz [--count N] [--seed N] [--only NAME]`: sends malformed
 * input to everything that reads what others send: frames, header blocks, messages, frames of the
 * router, images in four encodings. Each conversation may end only in an error for the peer, and
 * may take at most 200 ms of a processor when it is repeated alone.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "500000" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const { held, failures, slowest } = await fuzz({
  count: Number(values.count),
  seed: Number(values.seed),
  ...(values.only !== undefined && { only: values.only }),
  progress: (line) => console.error(line),
});
for (const failure of failures) console.error(failure);
const counts = Object.entries(held).map(([name, count]) => `${count} of ${name}`).join(", ");
console.log(`${counts}; the slowest took ${Math.round(slowest.ms)} ms (${slowest.what})`);
const whole = Object.values(held).reduce((sum, count) => sum + count, 0);
console.log(`${whole - failures.length} conversations held, ${failures.length} failed`);
Deno.exit(failures.length > 0 ? 1 : 0);
