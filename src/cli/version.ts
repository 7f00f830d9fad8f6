/** `jmp version`. @module */
import { Command } from "commander";
import { VERSION } from "../system/version.ts";
import { print } from "./common.ts";

/** Prints what this is and what it runs on. */
export function versionCommand(): Command {
  return new Command("version").description("print the version").action(() => {
    print(`jmp ${VERSION} (${Deno.build.arch}, Deno ${Deno.version.deno})`);
  });
}
