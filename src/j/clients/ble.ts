/** Devices that Bluetooth LE connects: `BleWriteNotifyStreamClient`. @module */
import { type ClientCommands, subcommand } from "../context.ts";
import { ABOUT_CONSOLE, addConsole } from "./console.ts";

/** `jumpstarter_driver_ble.client.BleWriteNotifyStreamClient` */
export const ble: ClientCommands = {
  summary: "Bluetooth LE device",
  add(command, driver, context) {
    const { output, signal } = context;
    const add = (name: string, text: string) => subcommand(command, driver, name, text);
    add("info", "Print information about the device").action(async () => {
      output.line(String(await driver.call("info", [], { signal })));
    });
    const texts = { device: "ble", instead: `j stream ${command.driverPath}` };
    addConsole(add("start-console", ABOUT_CONSOLE), driver, context, texts);
  },
};
