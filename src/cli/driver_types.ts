/** `jmp driver types`: the types for authors of custom drivers. @module */
import { Command } from "commander";
import { sdkTypes } from "../catalog/mod.ts";
import { print } from "./common.ts";

/** Prints the declarations that a driver file imports as `./jmp.d.ts`. */
export function driverTypesCommand(): Command {
  return new Command("types")
    .description("print the types of custom drivers: jmp driver types > jmp.d.ts")
    .action(() => print(sdkTypes().trimEnd()));
}
