/** `jmp licenses`. @module */
import { Command } from "commander";
import { readNotices } from "../about/notices.ts";
import { CliError, print } from "./common.ts";

/** Prints the third-party parts of this program, with their licenses. */
export function licensesCommand(): Command {
  return new Command("licenses")
    .description("print the licenses of all that is built in")
    .action(async () => {
      const text = await readNotices();
      if (text === "") {
        throw new CliError(
          "Cannot print licenses: expected a built program, found a checkout, which has nothing " +
            "built in; its packages are in deno.lock, and deno task build writes NOTICES for them",
        );
      }
      print(text.trimEnd());
    });
}
