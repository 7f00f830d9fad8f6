/** `jmp j`: the client, which is another program in the same file. @module */
import { Command } from "commander";
import { CliError } from "./common.ts";

/** Lists the client in the help; `main.ts` starts it when it is the first word. */
export function jCommand(): Command {
  return new Command("j")
    .description("use the drivers of an exporter: the client, which has its own --help")
    .argument("[arguments...]")
    .usage("[arguments...]")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(() => {
      throw new CliError("expected 'j' as the first word: jmp j, with its options after it", 2);
    });
}
