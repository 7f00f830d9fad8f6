/** The commands of the drivers of an exporter. @module */
import type { DriverClient } from "../client/driver_client.ts";
import type { AddressOptions } from "./address.ts";
import { commandsOf, isGroup, summaryOf } from "./clients/mod.ts";
import type { JCommand } from "./command.ts";
import { type Context, Ended, withoutCommands } from "./context.ts";
import type { Output } from "./output.ts";
import { choice, choiceFlag } from "./values.ts";

/** Runs the official `j` instead. @throws {Ended} with its exit code */
export type Handover = () => Promise<never>;

/**
 * Adds the commands of `driver`, and those of the drivers below it that `args` name; other drivers
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
    return await addForeign(command, driver, args, context);
  }
  return undefined;
}

type Env = Readonly<Record<string, string>>;

/** Adds a driver whose client is not built in. The official `j` has its commands, if there is one. */
async function addForeign(
  command: JCommand,
  driver: DriverClient,
  args: readonly string[],
  context: Context,
): Promise<Handover | undefined> {
  const { findPythonJ, runPythonJ } = await import("./python_j.ts");
  const address = command.optsWithGlobals<AddressOptions>();
  const found = isDirect(address) ? undefined : findPythonJ(Deno.env.toObject());
  if (found) {
    return async () => {
      const run = (env: Env) => runPythonJ(found, [...command.driverNames, ...args], env);
      throw new Ended(await withRelay(address, context.output, run));
    };
  }
  if (driver.children.size > 0) return undefined;
  withoutCommands(command, driver, context, notBuiltIn(driver, command));
  return undefined;
}

/** Whether only this program can connect to the exporter. */
function isDirect({ tlsGrpc }: AddressOptions): boolean {
  return tlsGrpc !== undefined;
}

/** Runs the official `j`; an exporter of this host is passed to it as a private socket. */
async function withRelay(
  { exporter, force = false }: AddressOptions,
  output: Output,
  run: (env: Env) => Promise<number>,
): Promise<number> {
  if (exporter === undefined) return await run({});
  const { openRelay } = await import("../client/local/relay.ts");
  const { dialLocalExporter } = await import("../client/local/exporter.ts");
  await using relay = openRelay({
    dial: (signal) => dialLocalExporter(exporter, { force, signal }),
    warn: (line) => output.error(`Error: ${line}`),
  });
  return await run({
    JUMPSTARTER_HOST: relay.path,
    JMP_DRIVERS_ALLOW: "UNSAFE",
    _JMP_SUPPRESS_DRIVER_WARNINGS: "1",
  });
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
    // Commands of the driver itself come first, as officially.
    // One without a name cannot be asked for.
    if (name === "" || command.has(name)) continue;
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
  if (summary !== "") return summary;
  return `${children.size > 0 ? "Group of drivers; no" : "No"} commands here for ${clientClass}`;
}

function notBuiltIn({ clientClass }: DriverClient, command: JCommand): string {
  const names = command.driverNames.join(" ");
  const advice = `call its methods by 'j call ${command.driverPath} METHOD'`;
  // `package.module.Class`; an exporter may send anything.
  const [, pkg] = /^([a-z]\w*)\.[\w.]+$/i.exec(clientClass) ?? [];
  if (pkg === undefined) return `${names} has no client class with commands; ${advice}`;
  return `${names} has the client ${clientClass}, whose commands are not built in; ` +
    `${advice}, or install the official client: ` +
    `pip install ${pkg.replaceAll("_", "-")} jumpstarter-cli`;
}

/** Adds `--log-level`, which official groups have for the log of their client. */
export function addLogLevel(command: JCommand): void {
  const levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
  const text = "Accepted, without effect";
  command.option(`--log-level ${choiceFlag(levels)}`, text, choice(levels));
}
