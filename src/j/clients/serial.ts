/** Serial ports: `PySerialClient`. @module */
import { type ClientCommands, subcommand } from "../context.ts";
import { ABOUT_CONSOLE, addConsole } from "./console.ts";
import { addPipe } from "./pipe.ts";

/** `jumpstarter_driver_pyserial.client.PySerialClient` */
export const serial: ClientCommands = {
  summary: "Serial port",
  add(command, driver, context) {
    const add = (name: string, text: string) => subcommand(command, driver, name, text);
    const texts = { device: "serial port", instead: `${command.path} pipe` };
    addConsole(add("start-console", ABOUT_CONSOLE), driver, context, texts);
    addPipe(add("pipe", ABOUT_PIPE), driver, context);
  },
};

const ABOUT_PIPE = `Print the output of the device, or write it to a file

Standard input is sent to the device if it is not a terminal; its end leaves the output open, until
Ctrl-C.

  j serial pipe -o serial.log
  echo hello | j serial pipe
  cat commands.txt | j serial pipe --no-output`;
