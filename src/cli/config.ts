/** `jmp config`: what editors need for configs. @module */
import { Command } from "commander";
import { exporterSchema } from "../catalog/mod.ts";
import { print } from "./common.ts";

/** The group of the commands about configs. */
export function configCommand(): Command {
  return new Command("config").description("help to write configs").addCommand(schemaCommand());
}

/** Prints the schema with which an editor checks and completes a config. */
function schemaCommand(): Command {
  return new Command("schema")
    .description("print the JSON Schema of exporter configs, for editors")
    .action(() => print(JSON.stringify(exporterSchema(), null, 2)));
}
