/** The surroundings of a command, its errors, and the interface of client classes. @module */
import type { DriverClient } from "../client/driver_client.ts";
import { isMissingMethod } from "../client/missing_method.ts";
import { messageOf } from "../wire/error.ts";
import { HEALTH_METHOD } from "../wire/health.ts";
import type { JCommand } from "./command.ts";
import type { Output } from "./output.ts";

/** Standard input: its bytes as they come. */
export interface Input extends AsyncIterable<Uint8Array> {
  isTerminal(): boolean;
}

/** Shared by all commands of a run. */
export interface Context {
  readonly output: Output;
  readonly input: Input;
  /** Aborted by Ctrl-C and SIGTERM: the command must close what it opened, and end. */
  readonly signal: AbortSignal;
  /** Whether `--json` is given: results are for programs. Valid once a command runs. */
  readonly json: boolean;
}

/** An error for the user: one line, without a stack. */
export class JError extends Error {
  override name = "JError";

  /** @param code the exit code */
  constructor(message: string, readonly code = 1) {
    super(message);
  }
}

/** The run ends with the exit code of another program, which has printed its own errors. */
export class Ended extends Error {
  override name = "Ended";

  constructor(readonly code: number) {
    super(`ended with ${code}`);
  }
}

/** The commands of a client class. */
export interface ClientCommands {
  /** A short text about the driver for help; its description in the config replaces it. */
  readonly summary: string;
  /** Adds the commands of `driver` to `command`. */
  add(command: JCommand, driver: DriverClient, context: Context): void | Promise<void>;
}

/** Prints a result: `text` for people, `value` with `--json`. */
export function printResult(
  { output, json }: Pick<Context, "output" | "json">,
  value: unknown,
  text: string = String(value),
): void {
  if (json) output.json(value);
  else output.line(text);
}

/** Adds a command; a description in the config replaces `text`. */
export function subcommand(
  command: JCommand,
  driver: DriverClient,
  name: string,
  text: string,
): JCommand {
  return command.subcommand(name).description(driver.methodsDescription[name] ?? text);
}

/**
 * Makes every use of `command` fail: with the exporter's reason if the driver is degraded, else with
 * `message`.
 */
export function withoutCommands(
  command: JCommand,
  driver: DriverClient,
  { signal }: Context,
  message: string,
): void {
  command.argument("[args...]").allowUnknownOption().action(async () => {
    // A degraded driver answers every method with its reason; other drivers lack this method.
    await driver.call(HEALTH_METHOD, [], { signal }).catch(throwUnlessMissing);
    throw new JError(message);
  });
}

function throwUnlessMissing(error: unknown): void {
  const isDegraded = /^driver '.*' is not available: /.test(messageOf(error));
  if (isDegraded || !isMissingMethod(error)) throw error;
}
