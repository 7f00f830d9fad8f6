/** Tells how to start this program again, which depends on how it was built. @module */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { VIA } from "../about/version.ts";
import type { ProgramCommands } from "../files/path_commands.ts";
import { launcher } from "../files/program.ts";

/** The commands `j` and `jmp` of this program. */
export function programCommands(): ProgramCommands {
  if (VIA === "compile") return named(Deno.execPath());
  const main = fileURLToPath(Deno.mainModule);
  if (VIA === "pack") {
    const path = launcher();
    // The launcher unpacks the program again if it was removed.
    return { folder: `${dirname(main)}/bin`, ...(path !== undefined && named(path)) };
  }
  const jmp = [Deno.execPath(), "run", "--allow-all", main];
  return { lines: { j: [...jmp, "j"], jmp } };
}

/** A file that acts as `j` or `jmp` by the name of the link to it. */
function named(file: string): ProgramCommands {
  return { lines: { j: [file], jmp: [file] } };
}
