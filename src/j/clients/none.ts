/** Client classes without commands: their drivers are for programs. @module */
import { type ClientCommands, JError } from "../context.ts";

/** Tells how to call the methods of a driver. */
export const none: ClientCommands = {
  summary: "For programs, without commands",
  add(command, { clientClass }) {
    command.argument("[args...]").allowUnknownOption().action(() => {
      const [, ...names] = command.path.split(" ");
      throw new JError(
        `${clientClass} has no commands; call the driver's methods by ` +
          `'j call ${names.join(".")} METHOD'`,
      );
    });
  },
};
