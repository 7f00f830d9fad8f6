/** Commands on the exporter's host: `ShellClient`. @module */
import type { DriverClient } from "../../client/driver_client.ts";
import type { JCommand } from "../command.ts";
import { type ClientCommands, type Context, withoutCommands } from "../context.ts";
import { BadValue } from "../values.ts";
import { runRemotely } from "./remote_command.ts";

/** `jumpstarter_driver_shell.client.ShellClient`: a command for each method in the config. */
export const shell: ClientCommands = {
  summary: "Commands on the exporter's host",
  async add(command, driver, context) {
    const methods = await driver.call("get_methods", [], { signal: context.signal });
    const names = new Set(Array.isArray(methods) ? methods.map(String) : []);
    for (const name of names) addMethod(command, driver, name, context);
    if (names.size === 0) withoutCommands(command, driver, context, "the shell has no methods");
  },
};

/** Options after the first argument, and those that are not known, are the method's own. */
function addMethod(
  command: JCommand,
  driver: DriverClient,
  method: string,
  context: Context,
): void {
  const inner = command.subcommand(method, { json: false }).helpOption(false)
    .description(driver.methodsDescription[method] ?? `Run '${method}'`)
    .passThroughOptions().allowUnknownOption()
    .argument("[args...]")
    .option("-e, --env <KEY=VALUE>", "Set a variable of its environment", addVariable, {})
    .option("--help", "Show this help")
    .on("option:help", () => inner.help())
    .action(async (args: string[], { env }: { env: Readonly<Record<string, string>> }) => {
      await runRemotely(driver, "call_method", [method, env, ...args], context);
    });
}

function addVariable(text: string, before: unknown): Record<string, string> {
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new BadValue(`expected KEY=VALUE, found '${text}'.`);
  return { ...before as Record<string, string>, [name]: value! };
}
