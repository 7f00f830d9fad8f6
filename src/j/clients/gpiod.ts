/** GPIO lines: `DigitalOutputClient` and `DigitalInputClient`. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, printResult, subcommand } from "../context.ts";
import { choice, float } from "../values.ts";
import { addOnOff } from "./power.ts";

/** `jumpstarter_driver_gpiod.client.DigitalOutputClient`: a power switch that tells its state. */
export const digitalOutput: ClientCommands = {
  summary: "Digital output",
  add(command, driver, context) {
    addOnOff(command, driver, context);
    addRead(command, driver, context);
  },
};

/** `jumpstarter_driver_gpiod.client.DigitalInputClient` */
export const digitalInput: ClientCommands = {
  summary: "Digital input",
  add(command, driver, context) {
    addRead(command, driver, context);
    const { signal } = context;
    const wait = (name: string, text: string) =>
      subcommand(command, driver, name, text)
        .option("-t, --timeout <SECONDS>", "Give up after this time  [default: 3600]", float, 3600);
    const waitFor = async (method: string, args: unknown[]) => {
      await driver.call(method, args, { signal });
    };
    wait("wait-for-active", "Wait until the line is active")
      .action(({ timeout }: Timeout) => waitFor("wait_for_active", [timeout]));
    wait("wait-for-inactive", "Wait until the line is inactive")
      .action(({ timeout }: Timeout) => waitFor("wait_for_inactive", [timeout]));
    wait("wait-for-edge", "Wait for an edge: rising or falling")
      .argument("<edge_type>", "", choice(EDGES))
      .action((edge: string, { timeout }: Timeout) => waitFor("wait_for_edge", [edge, timeout]));
  },
};

const EDGES = ["rising", "falling"] as const;

interface Timeout {
  readonly timeout: number;
}

/** Prints `active` or `inactive`. */
function addRead(command: JCommand, driver: DriverClient, context: Context): void {
  subcommand(command, driver, "read", "Print the state of the line").action(async () => {
    const state = await driver.call("read_pin", [], { signal: context.signal });
    printResult(context, Number(state) === 1 ? "active" : "inactive");
  });
}
