/** A card behind an SDWire. @module */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallContext,
  type Discovery,
  type DriverLog,
  type Methods,
  type OpenContext,
  type ProbeContext,
  resourceHandle,
  withArgs,
} from "../../src/driver/mod.ts";
import { type MediumOptions, readImage, writeImage } from "../../src/hardware/storage/mod.ts";
import { checkUsb, describeUsb, usbDevices } from "../../src/hardware/usb/mod.ts";
import { checkDisk } from "./check.ts";
import { waitForDisk } from "./disk.ts";
import { findSdWire, isSdWire } from "./find.ts";
import type { SdWireConfig } from "./config.ts";
import { type Side, switchCard } from "./switch.ts";

/** Checks that the device and its card are plugged in and may be used. */
export async function probe({ config }: ProbeContext<SdWireConfig>): Promise<void> {
  const sdWire = await findSdWire(config);
  await checkUsb(sdWire.device);
  await checkDisk(sdWire, config.storage_device);
}

/** The devices that are plugged in. */
export async function discover(): Promise<Discovery[]> {
  const found = (await usbDevices()).filter(isSdWire);
  return found.map((device) => ({
    device: `SDWire ${describeUsb(device)}`,
    name: "storage",
    config: device.serial === undefined ? { usb_path: device.path } : { serial: device.serial },
  }));
}

/** Opens nothing yet: each call finds the device. */
export function open({ config, log }: OpenContext<SdWireConfig>): Methods {
  const turn = (side: Side) => () => turnTo(side, config, log);
  return {
    calls: {
      host: turn("host"),
      dut: turn("dut"),
      off: turn("host"),
      write: withArgs([resourceHandle], async ([handle], { resources, signal }) => {
        const medium = await mediumOf(config, log, signal);
        const image = await resources.read(handle);
        const syncMs = config.storage_fsync_timeout * 1000;
        await writeImage(image, {
          ...medium,
          size: image.size,
          syncMs,
          allowEmpty: config.storage_allow_empty,
          emptyKey: "storage_allow_empty",
        });
        // Cards continue to write for a while after they have reported completion.
        await sleep(config.storage_leeway * 1000, undefined, { signal });
      }),
      read: withArgs([resourceHandle], async ([handle], { resources, signal }) => {
        const medium = await mediumOf(config, log, signal);
        await resources.write(handle, readImage(medium));
      }),
    },
  };
}

async function turnTo(side: Side, config: SdWireConfig, log: DriverLog) {
  const sdWire = await findSdWire(config);
  const found = await switchCard(sdWire, side);
  log.info(`SDWire ${describeUsb(sdWire.device)}: the card is connected to the ${side}`);
  if (found !== undefined && found !== side) {
    log.warning(
      `SDWire ${describeUsb(sdWire.device)} reports that the card is still connected to the ` +
        `${found}: expected CBUS0 to be a GPIO; program the FT200X once with sd-mux-ctrl --init`,
    );
  }
  return undefined;
}

/** Connects the card to the host and waits for its disk. */
async function mediumOf(
  config: SdWireConfig,
  log: DriverLog,
  signal: CallContext["signal"],
): Promise<MediumOptions> {
  const sdWire = await findSdWire(config);
  await turnTo("host", config, log);
  const waitMs = config.storage_timeout * 1000;
  const path = config.storage_device ?? await waitForDisk(sdWire, waitMs, signal);
  return { path, log, signal, waitMs };
}
