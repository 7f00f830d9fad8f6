/** The option that prints the result of a command for a program. @module */
import { Option } from "commander";
import { stringify } from "yaml";
import { printableJson } from "../text/printable.ts";
import { print } from "./common.ts";

/** The formats, spelled as the official commands spell them. */
export type Format = "json" | "yaml" | "name";

/** Declares `-o, --output`. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "print the result in this format")
    .choices(["json", "yaml", "name"] satisfies Format[]);
}

/** Prints a result; `names` are what `-o name` prints, one a line. */
export function printAs(format: Format, result: unknown, names: readonly string[]): void {
  if (format === "json") print(printableJson(result, 2));
  else if (format === "yaml") print(stringify(result, { lineWidth: 0 }).trimEnd());
  else for (const name of names) print(name);
}
