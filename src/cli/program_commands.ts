/** How this program is started again, by the way in which it was built. @module */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { VIA } from "../about/version.ts";
import type { ProgramCommands } from "../files/commands.ts";
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

/** Under which name a file is started decides what it is. */
function named(file: string): ProgramCommands {
  return { lines: { j: [file], jmp: [file] } };
}
