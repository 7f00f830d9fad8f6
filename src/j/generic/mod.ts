/** The commands for drivers of any client class. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { JCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { addCall } from "./call.ts";
import { addStream } from "./stream.ts";
import { addTree } from "./tree.ts";

const COMMANDS = { tree: addTree, call: addCall, stream: addStream };

/**
 * Adds `tree`, `call` and `stream` to the root. Where a driver has the name, the command is called
 * `@tree`; it may be called so everywhere.
 */
export function addGeneric(root: JCommand, driver: DriverClient, context: Context): void {
  const taken = new Set(root.commands.map((command) => command.name()));
  for (const [name, add] of Object.entries(COMMANDS)) {
    const command = root.subcommand(taken.has(name) ? `@${name}` : name);
    if (!taken.has(name)) command.alias(`@${name}`);
    add(command.helpGroup("Commands for any driver:"), driver, context);
  }
}
