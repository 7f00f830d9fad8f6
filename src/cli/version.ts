/** `jmp version`. @module */
import { Command } from "commander";
import { BUILT, COMMIT, VERSION } from "../about/version.ts";
import { print } from "./common.ts";

/** Prints what this is, what it was built from and how, and what it runs on. */
export function versionCommand(): Command {
  return new Command("version").description("print the version").action(() => {
    const origin = COMMIT ? `${BUILT} from ${COMMIT}` : BUILT;
    print(`jmp ${VERSION} (${origin}, ${Deno.build.arch}, Deno ${Deno.version.deno})`);
  });
}
