/** Client classes without commands: their drivers are for programs. @module */
import { type ClientCommands, withoutCommands } from "../context.ts";

/** Fails with a hint at `j call`. */
export const none: ClientCommands = {
  summary: "For programs, without commands",
  add(command, driver, context) {
    const message = `${driver.clientClass} has no commands; call the driver's methods by ` +
      `'j call ${command.driverPath} METHOD'`;
    withoutCommands(command, driver, context, message);
  },
};
