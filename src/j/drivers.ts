/** The commands of the drivers of an exporter. @module */
import type { DriverClient } from "../client/driver_client.ts";
import { commandsOf, isGroup, summaryOf } from "./clients/mod.ts";
import { choice, choiceFlag, type JCommand } from "./command.ts";
import { type Context, Ended, JError } from "./context.ts";

/** Runs the official `j` instead. @throws {Ended} with its exit code */
export type Handover = () => Promise<never>;

/**
 * Adds the commands of `driver`, and those of the drivers below it, as far as `args` lead: others
 * only appear in lists.
 *
 * @returns how to run a command of a driver whose client is not built in, if that is possible.
 */
export async function addDriver(
  command: JCommand,
  driver: DriverClient,
  args: readonly string[],
  context: Context,
): Promise<Handover | undefined> {
  const { clientClass, children } = driver;
  const commands = commandsOf(clientClass);
  await commands?.add(command, driver, context);
  if (isGroup(clientClass) && command.parent) addLogLevel(command);
  const inner = await addChildren(command, driver, args, context);
  if (inner) return inner;
  const chosen = args.find((word) => !word.startsWith("-"));
  const isOwn = command.parent !== null && (chosen === undefined || !children.has(chosen));
  if (!commands && !isGroup(clientClass) && isOwn) {
    return await addForeign(command, driver, args);
  }
  return undefined;
}

/** Adds a driver whose client is not built in. The official `j` has its commands, if there is one. */
async function addForeign(
  command: JCommand,
  driver: DriverClient,
  args: readonly string[],
): Promise<Handover | undefined> {
  const { findPythonJ, runPythonJ } = await import("./python_j.ts");
  const found = isDirect(command) ? undefined : findPythonJ(Deno.env.toObject());
  const names = command.path.split(" ").slice(1);
  if (found) {
    return async () => {
      throw new Ended(await runPythonJ(found, [...names, ...args]));
    };
  }
  if (driver.children.size > 0) return undefined;
  command.argument("[args...]").allowUnknownOption()
    .action(() => Promise.reject(unknownClient(driver, command.path)));
  return undefined;
}

/** Whether the exporter was chosen by options, which the official `j` has not. */
function isDirect(command: JCommand): boolean {
  return command.optsWithGlobals().tlsGrpc !== undefined;
}

async function addChildren(
  command: JCommand,
  driver: DriverClient,
  args: readonly string[],
  context: Context,
): Promise<Handover | undefined> {
  if (driver.children.size === 0) return undefined;
  const commands = new Map<string, JCommand>();
  for (const [name, child] of driver.children) {
    commands.set(name, command.subcommand(name).description(about(child)));
  }
  const { operands, unknown } = command.passThroughOptions().parseOptions([...args]);
  const [chosen = "", ...rest] = [...operands, ...unknown];
  const inner = commands.get(chosen);
  return inner && await addDriver(inner, driver.children.get(chosen)!, rest, context);
}

/** One line about a driver. */
function about({ description, clientClass, children }: DriverClient): string {
  if (description !== "") return description;
  const summary = summaryOf(clientClass);
  if (summary !== "" || children.size > 0) return summary;
  return `No commands here for ${clientClass}`;
}

function unknownClient({ clientClass }: DriverClient, path: string): JError {
  const [pkg = ""] = clientClass.split(".");
  const name = path.split(" ").slice(1).join(" ");
  return new JError(
    `${name} has the client ${clientClass}, whose commands are not built in; ` +
      `call its methods by 'j call ${name.replaceAll(" ", ".")} METHOD', or install the official ` +
      `client: pip install ${pkg.replaceAll("_", "-")} jumpstarter-cli`,
  );
}

/** Groups have this option officially, where it sets the level of the client's own log. */
export function addLogLevel(command: JCommand): void {
  const levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
  const text = "Accepted, without effect";
  command.option(`--log-level ${choiceFlag(levels)}`, text, choice(levels));
}
