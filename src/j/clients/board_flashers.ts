/**
 * Flashers of boards, which have a `flash` of their own: `Esp32FlasherClient`,
 * `StlinkMsdFlasherClient` and `PiPicoClient`. What they print is what the official clients print.
 *
 * @module
 */
import { basename } from "node:path";
import type { DriverClient } from "../../client/driver_client.ts";
import { messageOf } from "../../wire/error.ts";
import type { Value } from "../../wire/value.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, JError, subcommand } from "../context.ts";
import { addCompression } from "../transfer.ts";
import { addDump, flashFile } from "./flasher.ts";

interface Compressed {
  readonly compression?: string;
}

/** `jumpstarter_driver_esp32.client.Esp32FlasherClient` */
export const esp32: ClientCommands = {
  summary: "Flasher of an ESP32",
  add(command, driver, context) {
    const { output, signal } = context;
    addDump(command, driver, context);
    addFlash(command, driver, "Write firmware to the chip")
      .option("-a, --address <TEXT>", "Where it begins, as 0x1000")
      .action(async (file: string, options: Compressed & { readonly address?: string }) => {
        const { address: target = null, compression } = options;
        await flashFile({ file, target }, { driver, context, compression });
        output.line("done");
      });
    subcommand(command, driver, "chip-info", "Print name, features and MAC address of the chip")
      .action(async () => {
        printPairs(await driver.call("get_chip_info", [], { signal }), context);
      });
    const steps = {
      erase: ["erase", "Erase the flash memory"],
      reset: ["hard_reset", "Reset the chip"],
      bootloader: ["enter_bootloader", "Enter the download mode"],
    } as const;
    for (const [name, [method, text]] of Object.entries(steps)) {
      subcommand(command, driver, name, text).action(async () => {
        await driver.call(method, [], { signal });
        output.line("done");
      });
    }
  },
};

/** `jumpstarter_driver_stlink_msd.client.StlinkMsdFlasherClient` */
export const stlink: ClientCommands = {
  summary: "Flasher of an STM32 by the volume of its ST-LINK",
  add(command, driver, context) {
    const { output } = context;
    addInfo(command, driver, context, {
      name: "info",
      method: "info",
      missing: "the volume of the ST-LINK has no information",
    });
    addFlash(command, driver, "Write firmware, .bin or .hex, to the board")
      .action(async (file: string, { compression }: Compressed) => {
        const target = basename(file);
        output.line(`Flashing ${target}...`);
        await flashFile({ file, target }, { driver, context, compression });
        output.line("Flash complete - ST-LINK will program the target MCU.");
      });
  },
};

/** `jumpstarter_driver_pi_pico.client.PiPicoClient` */
export const pico: ClientCommands = {
  summary: "Flasher of a Raspberry Pi Pico",
  add(command, driver, context) {
    const { output, signal } = context;
    const enter = () => driver.call("enter_bootloader", [], { signal });
    addDump(command, driver, context);
    addInfo(command, driver, context, {
      name: "bootloader-info",
      method: "bootloader_info",
      missing: "the volume BOOTSEL has no INFO_UF2.TXT: is the Pico in BOOTSEL mode?",
    });
    subcommand(command, driver, "bootloader", "Enter the BOOTSEL mode by the serial port")
      .action(async () => {
        await enter();
        output.line(
          "Pico is in BOOTSEL mode. Serial will be unavailable until firmware is flashed.",
        );
      });
    addFlash(command, driver, "Write a UF2 file to the board")
      .option("-n, --name <TEXT>", "Name of the file on the volume BOOTSEL")
      .action(async (file: string, options: Compressed & { readonly name?: string }) => {
        const { name: target = null, compression } = options;
        output.line("Entering BOOTSEL mode...");
        // A board whose firmware cannot do it may be there already.
        await enter().catch((error) => {
          signal.throwIfAborted();
          output.line(`Could not enter BOOTSEL automatically: ${messageOf(error)}`);
        });
        output.line("Flashing firmware...");
        await flashFile({ file, target }, { driver, context, compression });
        output.line("Flash complete, Pico will reboot");
      });
  },
};

function addFlash(command: JCommand, driver: DriverClient, text: string): JCommand {
  return addCompression(subcommand(command, driver, "flash", text).argument("<file>"));
}

interface Info {
  readonly name: string;
  readonly method: string;
  /** The error if the volume has no information. */
  readonly missing: string;
}

function addInfo(
  command: JCommand,
  driver: DriverClient,
  context: Context,
  { name, method, missing }: Info,
): void {
  subcommand(command, driver, name, "Print the information on the volume of the board").action(
    async () => {
      const found = await driver.call(method, [], { signal: context.signal });
      if (Object.keys(found ?? {}).length === 0) throw new JError(missing);
      printPairs(found, context);
    },
  );
}

/** Prints a line for each key, sorted: on the wire they have no order. */
function printPairs(value: Value, { output, json }: Context): void {
  if (json) return output.json(value);
  const pairs = Object.entries(value ?? {}).sort(([a], [b]) => a < b ? -1 : 1);
  for (const [key, text] of pairs) output.line(`${key}: ${text}`);
}
