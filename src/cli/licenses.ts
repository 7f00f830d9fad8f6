/** `jmp licenses`: prints the licenses of the third-party code in this program. @module */
import { Command } from "commander";
import { readNotices } from "../about/notices.ts";
import { CliError, print } from "./common.ts";

/** Lists the third-party parts of this program, with their licenses. */
export function licensesCommand(): Command {
  return new Command("licenses")
    .description("print the licenses of the third-party code that is built in")
    .action(async () => {
      const text = await readNotices();
      if (text === "") {
        throw new CliError(
          "Cannot print licenses: only a built program contains them, and this runs from sources; " +
            "deno.lock lists the packages, and deno task build writes their NOTICES",
        );
      }
      print(text.trimEnd());
    });
}
