/** The command line: runs the command that argv names, and returns its exit code. @module */
import { Command, CommanderError, Option } from "commander";
import { holdProgram } from "../files/program.ts";
import { SEVERITIES } from "../log/log.ts";
import { BROKEN_PIPE } from "../base/standard_streams.ts";
import { endBySignals } from "../base/signals.ts";
import { PACKED, VERSION } from "../about/version.ts";
import { checkCommand } from "./check.ts";
import { CliError, print, printError } from "./common.ts";
import { jCommand } from "./j_command.ts";
import { completionCommand } from "./completion.ts";
import { driverCommand } from "./driver.ts";
import { configCommand } from "./config.ts";
import { discoverCommand } from "./discover.ts";
import { environment } from "./environment.ts";
import type { ExitCode, Finish } from "./finish.ts";
import { licensesCommand } from "./licenses.ts";
import { OFFICIAL_HELP, refuseOfficialCommand } from "./official_commands.ts";
import { runCommand } from "./run.ts";
import { sampleCommand } from "./sample.ts";
import { shellCommand } from "./shell.ts";
import { versionCommand } from "./version.ts";

const COMMANDS = [
  runCommand,
  checkCommand,
  discoverCommand,
  configCommand,
  driverCommand,
  shellCommand,
  jCommand,
  sampleCommand,
  completionCommand,
  licensesCommand,
  versionCommand,
];

/** Runs the command that `args` name and returns the exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  // Called first: it removes the secrets that children would inherit.
  environment();
  if (PACKED) holdProgram();
  using _init = Deno.pid === 1 ? await actAsInit() : undefined;
  try {
    const program = createProgram((result) => code = result);
    const { operands, unknown } = program.parseOptions([...args]);
    refuseOfficialCommand(...operands, ...unknown);
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error);
  }
}

/**
 * Does the duties of PID 1: ends on signals, since the kernel applies their default action to every
 * process except the first one of a container, and reaps orphans.
 */
async function actAsInit(): Promise<Disposable> {
  endBySignals();
  const { reapOrphans } = await import("../process/orphans.ts");
  return reapOrphans();
}

/** Declares every command and option; the man page and the completions are generated from this. */
export function createProgram(finish: Finish): Command {
  const program = new Command("jmp")
    .description("The Jumpstarter exporter: serves the hardware of this host to remote clients")
    .version(VERSION, "-V, --version")
    .addOption(
      new Option("--log-level <level>", "lowest severity that is logged")
        .choices([...SEVERITIES]).default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "text or json; auto: text on a terminal, else json")
        .choices(["text", "json", "auto"]).default("text"),
    )
    .enablePositionalOptions()
    .showHelpAfterError("(see --help)")
    .addHelpText("after", OFFICIAL_HELP)
    .configureOutput({
      writeOut: (text) => print(text.trimEnd()),
      writeErr: (text) => printError(text.trimEnd()),
    })
    .exitOverride();
  for (const command of COMMANDS) {
    program.addCommand(inheriting(command(finish), program));
  }
  return program;
}

/** Applies the settings of `parent` to a command and to the commands of a group. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const inner of command.commands) inheriting(inner, command);
  return command;
}

/** Prints an error, unless it is a usage error, which the parser has printed already. */
function report(error: unknown): ExitCode {
  if (error instanceof Deno.errors.BrokenPipe) return BROKEN_PIPE;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isCliError = error instanceof CliError;
  printError(`jmp: ${isCliError ? error.message : (error as Error).stack ?? String(error)}`);
  return isCliError ? error.code : 1;
}
