/** Client classes without commands: their drivers are for programs. @module */
import { type ClientCommands, withoutCommands } from "../context.ts";

/** Tells how to call the methods of a driver. */
export const none: ClientCommands = {
  summary: "For programs, without commands",
  add(command, driver, context) {
    const [, ...names] = command.path.split(" ");
    const message = `${driver.clientClass} has no commands; call the driver's methods by ` +
      `'j call ${names.join(".")} METHOD'`;
    withoutCommands(command, driver, context, message);
  },
};
