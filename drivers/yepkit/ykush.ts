/** A port of a YKUSH. @module */
import {
  type Discovery,
  type DriverLog,
  messageOf,
  type Methods,
  type OpenContext,
  type ProbeContext,
} from "../../src/driver/mod.ts";
import { notMeasured, powerMethods } from "../../src/hardware/power.ts";
import {
  checkUsb,
  describeUsb,
  type UsbDevice,
  usbDevices,
  withUsb,
} from "../../src/hardware/usb/mod.ts";
import { findYkush, isYkush } from "./find.ts";
import type { YkushConfig } from "./config.ts";

/** The low digit of a command is the port; the high one is 0 for off, 1 for on. */
const PORTS = { "1": 0x01, "2": 0x02, "3": 0x03, all: 0x0a } as const;
const ON = 0x10;
/** Bytes of a report; the first one is the command or its status. */
const REPORT_LENGTH = 64;
const STATUS_OK = 1;

/** Checks that the hub is plugged in and may be used. */
export async function probe({ config: { serial } }: ProbeContext<YkushConfig>): Promise<void> {
  const { device, problem } = await findYkush({ serial });
  await checkUsb(device);
  if (problem) throw problem;
}

/** The hubs that are plugged in. */
export async function discover(): Promise<Discovery[]> {
  const hubs = (await usbDevices()).filter(isYkush);
  return hubs.map((hub) => ({
    device: `YKUSH ${describeUsb(hub)}; port: 1, 2, 3 or all`,
    name: "power",
    config: { ...(hub.serial !== undefined && { serial: hub.serial }), port: "1" },
  }));
}

/** Switches the port to its default state, and then at each call. */
export async function open({ config, log }: OpenContext<YkushConfig>): Promise<Methods> {
  const turn = (on: boolean) => () => switchPower(config, on, log);
  await applyDefault(config, log);
  const { calls, streams } = powerMethods({ on: turn(true), off: turn(false) });
  // In the official driver, `read` is a call with a single answer.
  return { calls: { ...calls, read: notMeasured }, streams: { ...streams } };
}

/** Only logs an error, because the hub may be plugged in later. */
async function applyDefault(config: YkushConfig, log: DriverLog): Promise<void> {
  if (config.default === "keep") return;
  try {
    await switchPower(config, config.default === "on", log);
  } catch (error) {
    log.error(`Cannot switch to the default '${config.default}': ${messageOf(error)}`);
  }
}

async function switchPower({ serial, port }: YkushConfig, on: boolean, log: DriverLog) {
  const { device, problem } = await findYkush({ serial });
  if (problem) log.warning(problem.message);
  const [status] = await send(device, PORTS[port] | (on ? ON : 0));
  const name = device.serial ?? "without serial number";
  log.info(`Power ${on ? "on" : "off"}: port ${port} of YKUSH ${name}`);
  // Only a warning: the official driver ignores the status, and firmware versions may differ in it.
  if (status !== STATUS_OK) log.warning(`YKUSH ${name} answered with status ${status}`);
}

function send(device: UsbDevice, command: number): Promise<Uint8Array> {
  const report = new Uint8Array(REPORT_LENGTH);
  report[0] = command;
  return withUsb(device, (handle) => handle.exchange(report));
}
