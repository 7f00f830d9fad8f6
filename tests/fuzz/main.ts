// deno-lint-ignore-file no-console -- it speaks to whoever runs it.
/**
 * `deno task test:fuzz [--count N] [--seed N] [--only NAME]`: holds conversations that no
 * client would have with everything that reads what others send: frames, header blocks,
 * messages, frames of the router, images in four encodings. None may end in an error that
 * is not for the peer, and none may take longer than 200 ms, held again by itself.
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
