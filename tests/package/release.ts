/** A release, built and packaged once for all tests of a run. @module */
import { build } from "../../scripts/build/main.ts";
import { TARGETS, targetsOf } from "../../scripts/build/targets.ts";
import { packageAll } from "../../scripts/package/main.ts";

const cache = new URL("../../.cache/", import.meta.url).pathname;

let current: Promise<string> | undefined;
let next: Promise<string> | undefined;

/** The folder with the files for both machines: `JMP_TEST_RELEASE`, or a new build. */
export function release(): Promise<string> {
  const given = Deno.env.get("JMP_TEST_RELEASE");
  if (given) return Promise.resolve(given);
  return current ??= make("release", async (out) => {
    await build({ targets: TARGETS, via: "pack", out });
    await packageAll({ targets: TARGETS, out });
  });
}

/** A later release of the executable for x86_64. */
export function nextRelease(): Promise<string> {
  return next ??= make("release-next", (out) => {
    return build({ targets: targetsOf("x86_64"), via: "pack", out, commit: "the next release" });
  });
}

async function make(name: string, fill: (out: string) => Promise<void>): Promise<string> {
  const out = `${cache}${name}`;
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await fill(out);
  return out;
}
