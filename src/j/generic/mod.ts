/** The commands for drivers of any client class. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { JCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { addCall } from "./call.ts";
import { addStream } from "./stream.ts";
import { addTree } from "./tree.ts";

const COMMANDS = { tree: addTree, call: addCall, stream: addStream };

/**
 * Adds `tree`, `call` and `stream` to the root. Each is also called `@tree` and so on, for exporters
 * with a driver of its name.
 */
export function addGeneric(root: JCommand, driver: DriverClient, context: Context): void {
  for (const [name, add] of Object.entries(COMMANDS)) {
    const [free, alias] = [name, `@${name}`].filter((each) => !root.has(each));
    if (free === undefined) continue;
    const command = root.subcommand(free).helpGroup("Commands for any driver:");
    if (alias !== undefined) command.alias(alias);
    add(command, driver, context);
  }
}
