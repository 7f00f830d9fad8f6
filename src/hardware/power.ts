/** What every power switch offers its clients: the interface of the official package. @module */
import type { CallContext } from "../driver/driver.ts";
import type { MethodTexts } from "../driver/manifest.ts";
import type { Methods } from "../driver/methods.ts";
import { NotSupported } from "../wire/error.ts";

/** The class that official clients import for a power switch. */
export const POWER_CLIENT = "jumpstarter_driver_power.client.PowerClient";

/** What the methods of a power switch do; a switch without a meter says so of `read()` instead. */
export const POWER_METHODS: MethodTexts = {
  calls: { "on()": "switches the power on", "off()": "switches the power off" },
  streams: { "read()": "yields readings { voltage, current }, in volts and amperes" },
};

/** One measurement. */
export interface PowerReading {
  /** In volts. */
  readonly voltage: number;
  /** In amperes. */
  readonly current: number;
}

/** What a power switch can do. */
export interface PowerSwitch {
  on(call: CallContext): unknown;
  off(call: CallContext): unknown;
  /** Measures until the client has seen enough. @default {refuses: the switch measures nothing} */
  read?(call: CallContext): AsyncIterable<PowerReading> | Iterable<PowerReading>;
}

/** The methods of a power switch by the names that clients call. */
export function powerMethods({ on, off, read = notMeasured }: PowerSwitch): Methods {
  return {
    calls: { on: (_, call) => on(call), off: (_, call) => off(call) },
    streams: { read: (_, call) => read(call) },
  };
}

/** Refuses `read()`, of a switch or of one without a meter. @throws {NotSupported} always */
export function notMeasured(): never {
  throw new NotSupported("Cannot read power: this switch measures nothing");
}
