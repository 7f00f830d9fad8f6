/** `jmp driver list`: the drivers that configs of this host can name. @module */
import { Command } from "commander";
import { listDrivers, type ListedDriver, shortType } from "../catalog/mod.ts";
import { openCatalog } from "./catalog.ts";
import { print } from "./common.ts";
import type { Finish } from "./finish.ts";
import { type Format, outputOption, printAs } from "./output.ts";
import { columns } from "./table.ts";

/** Lists the drivers that are built in, those of driver files, and those of Python packages. */
export function driverListCommand(finish: Finish): Command {
  return new Command("list")
    .description("list the drivers that configs can name: built in, custom, in Python packages")
    .addOption(outputOption())
    .action(async ({ output }: { output?: Format }) => finish(await list(output)));
}

/** @returns 0, also if a place cannot be read. */
async function list(format: Format | undefined): Promise<number> {
  await using catalog = openCatalog();
  const drivers = await listDrivers(catalog.places);
  if (format) printAs(format, drivers, drivers.map(({ type }) => type));
  else columns([["TYPE", "CLIENT", "FROM", "WHAT IT IS"], ...drivers.map(row)]).forEach(print);
  return 0;
}

function row({ type, client, from, summary }: ListedDriver): string[] {
  return [type, client ? shortClient(client) : "", from, summary ?? ""];
}

/** `jumpstarter_driver_power.client.PowerClient` → `power.PowerClient` */
function shortClient(client: string): string {
  return shortType(client).replace(".client.", ".");
}
