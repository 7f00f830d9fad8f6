/** What a command works with. @module */
import type { DriverClient } from "../client/driver_client.ts";
import { Code, codeOf, messageOf } from "../wire/error.ts";
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
  /** Aborted by Ctrl-C and SIGTERM: what is open must be closed, then the command ends. */
  readonly signal: AbortSignal;
  /** Whether results are printed for a program, `--json`. Known once a command runs. */
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

/** The run ends with an exit code that another program chose, and that has printed why. */
export class Ended extends Error {
  override name = "Ended";

  constructor(readonly code: number) {
    super(`ended with ${code}`);
  }
}

/** The commands of a client class. */
export interface ClientCommands {
  /** What the driver is, for help; its description in the config replaces it. */
  readonly summary: string;
  /** Adds the commands of `driver` to `command`. */
  add(command: JCommand, driver: DriverClient, context: Context): void | Promise<void>;
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
 * Lets all uses of `command` fail: with the exporter's reason if the driver is degraded, else with
 * `message`.
 */
export function withoutCommands(
  command: JCommand,
  driver: DriverClient,
  { signal }: Context,
  message: string,
): void {
  command.argument("[args...]").allowUnknownOption().action(async () => {
    // A degraded driver says why it is so whatever is asked; others do not know this method.
    await driver.call(HEALTH_METHOD, [], { signal }).catch(throwUnlessUnknown);
    throw new JError(message);
  });
}

function throwUnlessUnknown(error: unknown): void {
  const code = codeOf(error);
  const isUnknown = code === Code.NOT_FOUND || code === Code.UNIMPLEMENTED;
  if (!isUnknown || /^driver '.*' is not available: /.test(messageOf(error))) throw error;
}
