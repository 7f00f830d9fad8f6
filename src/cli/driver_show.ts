/** `jmp driver show`: the config, the methods and a sample of a driver. @module */
import { Command } from "commander";
import { type ConfigKey, type DescribedDriver, describeDriver } from "../catalog/mod.ts";
import { printable } from "../text/printable.ts";
import { openCatalog } from "./catalog.ts";
import { CliError, print } from "./common.ts";
import type { Finish } from "./finish.ts";
import { type Format, outputOption, printAs } from "./output.ts";
import { columns } from "./table.ts";

/** Describes a driver by its type, or by the end of it. */
export function driverShowCommand(finish: Finish): Command {
  return new Command("show")
    .description("show the config, the methods and a sample of a driver")
    .argument("<type>", "a type as in configs, the end of one (PySerial), or a driver file")
    .addOption(outputOption())
    .action(async (type: string, { output }: { output?: Format }) => {
      finish(await show(type, output));
    });
}

/** @returns 0 @throws {CliError} if there is no such driver. */
async function show(name: string, format: Format | undefined): Promise<number> {
  await using catalog = openCatalog();
  const driver = await describeDriver(name, catalog.places);
  if ("problem" in driver) throw new CliError(driver.problem);
  if (format) printAs(format, driver, [driver.type]);
  else lines(driver).forEach(print);
  return 0;
}

function lines(driver: DescribedDriver): string[] {
  const { type, summary, client = "told by the driver itself", from, children, sample } = driver;
  return [
    type,
    ...(summary ? [`  ${printable(summary)}`] : []),
    "",
    ...columns([
      ["client:", client],
      ["from:", from],
      ["children:", children],
      ...labelRows(driver),
    ]),
    "",
    ...section("config", configRows(driver)),
    "",
    ...section("methods", methodRows(driver)),
    "",
    "sample:",
    ...sample.split("\n").map((line) => `  ${line}`),
  ];
}

function labelRows({ labels = {} }: DescribedDriver): string[][] {
  return Object.entries(labels).map(([name, value]) => ["label:", `${name}: ${value}`]);
}

function section(name: string, rows: string[][] | string): string[] {
  return typeof rows === "string" ? [`${name}: ${rows}`] : [`${name}:`, ...columns(rows, "  ")];
}

function configRows({ keys }: DescribedDriver): string[][] | string {
  if (!keys) return "the driver does not tell";
  if (keys.length === 0) return "none";
  return keys.map((key) => [key.name, key.type, defaultText(key), key.meaning ?? ""]);
}

function defaultText(key: ConfigKey): string {
  if (key.required) return "required";
  return key.default === undefined ? "optional" : `default ${JSON.stringify(key.default)}`;
}

function methodRows({ methods }: DescribedDriver): string[][] | string {
  if (!methods) return "the driver does not tell";
  const rows = ([["call", "calls"], ["stream", "streams"], ["bytes", "bytes"]] as const).flatMap(
    ([word, kind]) =>
      Object.entries(methods[kind] ?? {}).map(([signature, text]) => [word, signature, text]),
  );
  return rows.length === 0 ? "none" : rows;
}
