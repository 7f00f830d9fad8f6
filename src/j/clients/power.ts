/** Power switches: `PowerClient` and `VirtualPowerClient`. @module */
import { sleep } from "../../base/sleep.ts";
import type { DriverClient } from "../../client/driver_client.ts";
import type { Value } from "../../wire/value.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, printResult, subcommand } from "../context.ts";
import { float, integer, integerFrom } from "../values.ts";

/** `jumpstarter_driver_power.client.PowerClient` */
export const power: ClientCommands = {
  summary: "Power switch",
  add(command, driver, context) {
    addOnOff(command, driver, context);
    addRead(subcommand(command, driver, "read", READ), driver, context);
  },
};

const READ = "Print voltage, current and power";

/** Adds `on`, `off` and `cycle`. */
export function addOnOff(command: JCommand, driver: DriverClient, context: Context): void {
  const { signal } = context;
  const on = () => driver.call("on", [], { signal });
  const off = () => driver.call("off", [], { signal });
  const add = (name: string, text: string) => subcommand(command, driver, name, text);
  add("on", "Switch on").action(async () => void await on());
  add("off", "Switch off").action(async () => void await off());
  add("cycle", "Switch off, wait, and switch on")
    .option("-w, --wait <INTEGER>", "Seconds between off and on", integerFrom(0), 2)
    .action(async ({ wait }: { wait: number }) => {
      context.output.line(cycling(wait));
      await off();
      await sleep(wait * 1000, signal);
      signal.throwIfAborted();
      await on();
    });
}

function cycling(wait: number): string {
  return `Power cycling with ${wait} seconds wait time...`;
}

/** `jumpstarter_driver_power.client.VirtualPowerClient`: the power of a machine that off can delete. */
export const virtualPower: ClientCommands = {
  summary: power.summary,
  add(command, driver, context) {
    power.add(command, driver, context);
    command.commands.find((inner) => inner.name() === "off")!
      .option("--destroy", "Delete the machine after switching it off")
      .action(async ({ destroy = false }: { destroy?: boolean }) => {
        await driver.call("off", [destroy], { signal: context.signal });
      });
  },
};

/** `jumpstarter_driver_ridesx.client.RideSXPowerClient`: the driver itself does the cycle. */
export const cyclingPower: ClientCommands = {
  summary: power.summary,
  add(command, driver, context) {
    power.add(command, driver, context);
    command.commands.find((inner) => inner.name() === "cycle")!
      .action(async ({ wait }: { wait: number }) => {
        context.output.line(cycling(wait));
        await driver.call("cycle", [wait], { signal: context.signal });
      });
  },
};

/** `jumpstarter_driver_noyito_relay.client.NoyitoPowerClient`: a relay that tells its state. */
export const noyitoPower: ClientCommands = {
  summary: "Relay",
  add(command, driver, context) {
    power.add(command, driver, context);
    subcommand(command, driver, "status", "Print the state of the relay").action(async () => {
      printResult(context, await driver.call("status", [], { signal: context.signal }));
    });
  },
};

interface ReadOptions {
  readonly count: number;
  readonly interval: number;
}

function addRead(command: JCommand, driver: DriverClient, context: Context) {
  const { signal } = context;
  command
    .option("-n, --count <INTEGER>", "How many readings; 0: until Ctrl-C  [default: 1]", integer, 1)
    .option("-i, --interval <FLOAT>", "Seconds between readings  [default: 1.0]", float, 1)
    .action(async ({ count, interval }: ReadOptions) => {
      // As officially, a negative count asks for none.
      for (let reading = 1; count === 0 || reading <= count; reading++) {
        for await (const value of driver.stream("read", [], { signal })) {
          printResult(context, value, readingLine(value));
        }
        if (reading === count) return;
        await sleep(Math.max(0, interval) * 1000, signal);
        signal.throwIfAborted();
      }
    });
}

/** `voltage=5.0 V  current=2.0 A  apparent_power=10.0 VA` */
function readingLine(value: Value): string {
  const { voltage, current } = (value ?? {}) as Record<string, unknown>;
  const [volts, amperes] = [Number(voltage), Number(current)];
  const power = pythonFloat(volts * amperes);
  return `voltage=${pythonFloat(volts)} V  current=${
    pythonFloat(amperes)
  } A  apparent_power=${power} VA`;
}

/** A number as Python prints a float: `5.0`, `1e-05`. */
function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return String(value).toLowerCase().replace("infinity", "inf");
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
