/** Yepkit's switchable USB hubs: power for what hangs on a port. @module */
import {
  defineDriver,
  type Driver,
  type DriverLog,
  messageOf,
  NotSupported,
  type OpenContext,
  z,
} from "../../src/driver/mod.ts";
import {
  checkUsb,
  describeUsb,
  type UsbDevice,
  usbDevices,
  withUsb,
} from "../../src/hardware/usb/mod.ts";
import { findYkush, isYkush, type Selector } from "./find.ts";

/** Low digit of a command; the high one switches off (0) or on (1). */
const PORTS = { "1": 0x01, "2": 0x02, "3": 0x03, all: 0x0a } as const;
const ON = 0x10;
/** Bytes of a report, of which the first is the command or its status. */
const REPORT_LENGTH = 64;
const STATUS_OK = 1;

/** A port may be written as a number, which the official driver refuses. */
const asText = (value: unknown) => typeof value === "number" ? String(value) : value;

const config = z.strictObject({
  serial: z.string().nullable().default(null),
  default: z.enum(["on", "off", "keep"]).default("off"),
  port: z.preprocess(asText, z.enum(["1", "2", "3", "all"])).default("all"),
});

type Config = z.output<typeof config>;

/** A port of a YKUSH or YKUSH3, or all of its ports. */
export const ykush = defineDriver({
  type: "jumpstarter_driver_yepkit.driver.Ykush",
  client: "jumpstarter_driver_power.client.PowerClient",
  config,
  async probe({ config: { serial } }) {
    const { device, problem } = await findYkush({ serial });
    await checkUsb(device);
    if (problem) throw problem;
  },
  async discover() {
    const hubs = (await usbDevices()).filter(isYkush);
    return hubs.map((hub) => ({
      device: `YKUSH ${describeUsb(hub)}; port: 1, 2, 3 or all`,
      name: "power",
      config: { ...(hub.serial !== undefined && { serial: hub.serial }), port: "1" },
    }));
  },
  async open({ config, log }: OpenContext<Config>): Promise<Driver> {
    const turn = (on: boolean) => () => switchPower(config, on, log);
    await applyDefault(config, log);
    return {
      calls: { on: turn(true), off: turn(false), read: notMeasured },
      streams: { read: notMeasured },
    };
  },
});

/** A hub that is missing when the lease begins may be plugged in later. */
async function applyDefault(config: Config, log: DriverLog): Promise<void> {
  if (config.default === "keep") return;
  try {
    await switchPower(config, config.default === "on", log);
  } catch (error) {
    log.error(`Cannot switch to the default '${config.default}': ${messageOf(error)}`);
  }
}

async function switchPower({ serial, port }: Selector & Config, on: boolean, log: DriverLog) {
  const { device, problem } = await findYkush({ serial });
  if (problem) log.warning(problem.message);
  const [status] = await send(device, PORTS[port] | (on ? ON : 0));
  const name = device.serial ?? "without serial number";
  log.info(`Power ${on ? "on" : "off"}: port ${port} of YKUSH ${name}`);
  // Official drivers do not look at it, and not all firmware may answer alike.
  if (status !== STATUS_OK) log.warning(`YKUSH ${name} answered with status ${status}`);
}

function send(device: UsbDevice, command: number): Promise<Uint8Array> {
  const report = new Uint8Array(REPORT_LENGTH);
  report[0] = command;
  return withUsb(device, (handle) => handle.exchange(report));
}

function notMeasured(): never {
  throw new NotSupported("Cannot read power: a YKUSH switches, but measures nothing");
}
