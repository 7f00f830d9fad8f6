/** `jmp version`: prints the version and the origin of the program. @module */
import { Command } from "commander";
import { BUILT, COMMIT, VERSION } from "../about/version.ts";
import { print } from "./common.ts";

/** Prints the version, the commit and kind of the build, the architecture, and Deno's version. */
export function versionCommand(): Command {
  return new Command("version").description("print the version").action(() => {
    const origin = COMMIT ? `${BUILT} from ${COMMIT}` : BUILT;
    print(`jmp ${VERSION} (${origin}, ${Deno.build.arch}, Deno ${Deno.version.deno})`);
  });
}
