/** The command line: argv to a command, its outcome to an exit code. @module */
import { Command, CommanderError, Option } from "commander";
import { holdProgram } from "../files/program.ts";
import { SEVERITIES } from "../log/log.ts";
import { endBySignals } from "../process/signals.ts";
import { PACKED, VERSION } from "../about/version.ts";
import { checkCommand } from "./check.ts";
import { CliError, printError } from "./common.ts";
import { completionCommand } from "./completion.ts";
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
  shellCommand,
  sampleCommand,
  completionCommand,
  licensesCommand,
  versionCommand,
];

/** Runs the command that `args` name and returns the exit code. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = 0;
  // First, so that no child inherits the secrets.
  environment();
  if (PACKED) holdProgram();
  using _init = Deno.pid === 1 ? await beFirst() : undefined;
  try {
    const program = createProgram((result) => code = result);
    refuseOfficialCommand(program.parseOptions([...args]).operands[0]);
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    return report(error);
  }
}

/** Does what the kernel does for every process but the first one of a container. */
async function beFirst(): Promise<Disposable> {
  endBySignals();
  const { reapOrphans } = await import("../process/orphans.ts");
  return reapOrphans();
}

/** Every command and option; the man page and completions are made from this. */
export function createProgram(finish: Finish): Command {
  const program = new Command("jmp")
    .description("The Jumpstarter exporter: serves the hardware of this host to remote clients")
    .version(VERSION, "-V, --version")
    .addOption(
      new Option("--log-level <level>", "least severity that is logged")
        .choices([...SEVERITIES]).default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "text or json; auto: text on a terminal, else json")
        .choices(["text", "json", "auto"]).default("text"),
    )
    .enablePositionalOptions()
    .showHelpAfterError("(see --help)")
    .addHelpText("after", OFFICIAL_HELP)
    .exitOverride();
  for (const command of COMMANDS) {
    program.addCommand(command(finish).copyInheritedSettings(program));
  }
  return program;
}

/** The parser has printed mistakes of usage already. */
function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isCliError = error instanceof CliError;
  printError(`jmp: ${isCliError ? error.message : (error as Error).stack ?? String(error)}`);
  return isCliError ? error.code : 1;
}
