/** SDWire: a card that hangs on the exporter's host or on the board. @module */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallContext,
  defineDriver,
  type Driver,
  type DriverLog,
  type OpenContext,
  resourceHandle,
  withArgs,
  z,
} from "../../src/driver/mod.ts";
import { type MediumOptions, readImage, writeImage } from "../../src/hardware/storage/mod.ts";
import { checkUsb, describeUsb, usbDevices } from "../../src/hardware/usb/mod.ts";
import { checkDisk } from "./check.ts";
import { waitForDisk } from "./disk.ts";
import { findSdWire, isSdWire } from "./find.ts";
import { type Side, switchCard } from "./switch.ts";

const seconds = z.number().nonnegative();

const config = z.strictObject({
  serial: z.string().nullable().default(null),
  usb_path: z.string().nullable().default(null),
  storage_device: z.string().nullable().default(null),
  storage_timeout: seconds.default(10),
  storage_leeway: seconds.default(6),
  storage_fsync_timeout: seconds.default(900),
});

type Config = z.output<typeof config>;

/** Finds its device anew at each call, so that it may be plugged in again between two of them. */
export const sdwire = defineDriver({
  type: "jumpstarter_driver_sdwire.driver.SDWire",
  client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
  config,
  async probe({ config }) {
    const sdWire = await findSdWire(config);
    await checkUsb(sdWire.device);
    await checkDisk(sdWire, config.storage_device);
  },
  async discover() {
    const found = (await usbDevices()).filter(isSdWire);
    return found.map((device) => ({
      device: `SDWire ${describeUsb(device)}`,
      name: "storage",
      config: device.serial === undefined ? { usb_path: device.path } : { serial: device.serial },
    }));
  },
  open({ config, log }: OpenContext<Config>): Driver {
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
          await writeImage(image, { ...medium, size: image.size, syncMs });
          // Cards go on for a while after they say that all is stored.
          await sleep(config.storage_leeway * 1000, undefined, { signal });
        }),
        read: withArgs([resourceHandle], async ([handle], { resources, signal }) => {
          const medium = await mediumOf(config, log, signal);
          await resources.write(handle, readImage(medium));
        }),
      },
    };
  },
});

async function turnTo(side: Side, config: Config, log: DriverLog) {
  const sdWire = await findSdWire(config);
  const found = await switchCard(sdWire, side);
  log.info(`SDWire ${describeUsb(sdWire.device)}: the card is the ${side}'s`);
  if (found !== undefined && found !== side) {
    log.warning(
      `SDWire ${describeUsb(sdWire.device)} says that the card is still the ${found}'s: expected ` +
        "CBUS0 to be a GPIO; program the FT200X once with sd-mux-ctrl --init",
    );
  }
  return undefined;
}

/** The card in the host's hands. */
async function mediumOf(
  config: Config,
  log: DriverLog,
  signal: CallContext["signal"],
): Promise<MediumOptions> {
  const sdWire = await findSdWire(config);
  await turnTo("host", config, log);
  const waitMs = config.storage_timeout * 1000;
  const path = config.storage_device ?? await waitForDisk(sdWire, waitMs, signal);
  return { path, log, signal, waitMs };
}
