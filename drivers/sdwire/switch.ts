/** Switches a card between the exporter's host and the board. @module */
import { setTimeout as sleep } from "node:timers/promises";
import { withUsb } from "../../src/hardware/usb/mod.ts";
import type { SdWire } from "./find.ts";

/** The side that the card is connected to. */
export type Side = "host" | "dut";

/** Vendor requests of FTDI chips: set the bit mode, read the pins. */
const SET_BIT_MODE = 0x0b;
const READ_PINS = 0x0c;
/**
 * Mode 0x20 drives the CBUS pins: all four are outputs, and the level of CBUS0 selects the side.
 */
const CBUS = { host: 0x20f1, dut: 0x20f0 } as const;

/** How long a device needs after a reset, in ms. */
const RESET_MS = 300;

/**
 * Switches the card.
 *
 * @returns the side that the device reports; undefined if it cannot report any.
 */
export async function switchCard({ device, model }: SdWire, side: Side): Promise<Side | undefined> {
  if (model === "ftdi") {
    return await withUsb(device, async (handle) => {
      await handle.vendorOut(SET_BIT_MODE, CBUS[side]);
      const [pins = 0] = await handle.vendorIn(READ_PINS, 0, 1);
      return pins & 1 ? "host" : "dut";
    });
  }
  // As the maker's own tool does; not tested on such a device.
  await withUsb(device, async (handle) => {
    await handle.setKernelDriver(side === "host");
    await handle.reset();
  });
  await sleep(RESET_MS);
  return undefined;
}
