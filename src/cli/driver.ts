/** `jmp driver`: what drivers there are, what each of them is, and how to make one. @module */
import { Command } from "commander";
import { driverInstallCommand } from "./driver_install.ts";
import { driverListCommand } from "./driver_list.ts";
import { driverNewCommand } from "./driver_new.ts";
import { driverShowCommand } from "./driver_show.ts";
import { driverTypesCommand } from "./driver_types.ts";
import type { Finish } from "./finish.ts";

const COMMANDS = [
  driverListCommand,
  driverShowCommand,
  driverInstallCommand,
  driverNewCommand,
  driverTypesCommand,
];

/** The group of the commands about drivers. */
export function driverCommand(finish: Finish): Command {
  const group = new Command("driver").description("list, describe, install and make drivers");
  for (const command of COMMANDS) group.addCommand(command(finish));
  return group;
}
