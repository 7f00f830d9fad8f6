/** The executable that is attacked. @module */
import { build } from "../../scripts/build/main.ts";
import { targetsOf } from "../../scripts/build/targets.ts";

const out = new URL("../../.cache/attacked/", import.meta.url).pathname;

let made: Promise<string> | undefined;

/** Its path: `JMP_TEST_BINARY`, or a build of this checkout, made once for each process. */
export function executable(): Promise<string> {
  const given = Deno.env.get("JMP_TEST_BINARY");
  return given ? Promise.resolve(given) : made ??= make();
}

async function make(): Promise<string> {
  await Deno.remove(out, { recursive: true }).catch(() => {});
  await build({ targets: targetsOf("x86_64"), via: "pack", out });
  return `${out}jmp-linux-amd64`;
}
