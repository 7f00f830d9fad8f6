/** `jmp shell`: serves a config for as long as a shell or a command runs. @module */
import { Command } from "commander";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { StandaloneExporter } from "../exporter/standalone.ts";
import { openCommands, pathWith } from "../files/path_commands.ts";
import { temporaryFolder } from "../files/temporary_folder.ts";
import { surviveStrayErrors } from "../process/stray_errors.ts";
import { runInForeground } from "../subprocess/foreground.ts";
import { clientVariables } from "../tree/client_variables.ts";
import { messageOf } from "../wire/error.ts";
import { clientInstall, clientPackages } from "./client_packages.ts";
import { CliError, openLog } from "./common.ts";
import { availableDrivers, type ConfigChoice, configOptions, loadExporter } from "./configs.ts";
import type { Finish } from "./finish.ts";
import { addOfficialOptions, refuseOfficialOptions } from "./official_commands.ts";
import { programCommands } from "./program_commands.ts";
import { shellStart } from "./shell_start.ts";

/** Serves a config on a private socket and runs a shell or command whose clients connect to it. */
export function shellCommand(finish: Finish): Command {
  const command = new Command("shell")
    .description("serve a config locally and run a shell or command with it")
    .argument("[command...]", "command to run instead of $SHELL, after --")
    .passThroughOptions();
  for (const option of configOptions()) command.addOption(option);
  addOfficialOptions(command);
  return command.action(async (argv: string[], options: ConfigChoice) => {
    refuseOfficialOptions(command);
    const log = openLog(command);
    using _survival = surviveStrayErrors(log);
    await using drivers = availableDrivers(log);
    const config = await loadExporter(options, { drivers, log });
    await using exporter = new StandaloneExporter({ config, log, hooks: false });
    const warn = (message: string) => log.warning(message);
    await using folder = temporaryFolder({ holds: "sockets", prefix: "jmp-", warn });
    const socket = `${folder.path}/socket`;
    await exporter.listenUnix(socket);
    await using commands = openCommands(programCommands(), { warn });
    const env = {
      ...clientVariables(config.tree.root),
      PATH: pathWith(commands.folders, Deno.env.toObject()),
      JUMPSTARTER_HOST: socket,
      JMP_DRIVERS_ALLOW: "UNSAFE",
      _JMP_SUPPRESS_DRIVER_WARNINGS: "1",
    };
    if (argv.length > 0) return finish(await run(argv, env, config));
    const start = shellStart({
      shell: Deno.env.get("SHELL") || "/bin/sh",
      context: config.identity.name,
      folder: folder.path,
      commands: commands.folders,
      colors: !Deno.env.get("NO_COLOR") && Deno.env.get("TERM") !== "dumb",
      zdotdir: Deno.env.get("ZDOTDIR"),
    });
    for (const [name, text] of Object.entries(start.files)) {
      await Deno.writeTextFile(`${folder.path}/${name}`, text);
    }
    finish(await run(start.command, { ...env, ...start.env }, config));
  });
}

/** The exit codes of shells for programs that cannot be started. */
const NOT_EXECUTABLE = 126, NOT_FOUND = 127;

async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  config: ExporterConfig,
): Promise<number> {
  try {
    return await runInForeground({ command, env });
  } catch (error) {
    throw spawnProblem(command[0]!, error, config);
  }
}

/** Explains why `program` did not start, by the class of the error: its text is misleading. */
function spawnProblem(program: string, error: unknown, config: ExporterConfig): CliError {
  if (error instanceof Deno.errors.PermissionDenied) {
    return new CliError(
      `cannot run ${program}: it is not executable for this user`,
      NOT_EXECUTABLE,
    );
  }
  if (!(error instanceof Deno.errors.NotFound)) {
    return new CliError(`cannot run ${program}: ${messageOf(error)}`, NOT_EXECUTABLE);
  }
  if (program.includes("/")) {
    return new CliError(
      `cannot run ${program}: no such file, or its interpreter is missing`,
      NOT_FOUND,
    );
  }
  return new CliError(`cannot find '${program}' on PATH${howToGet(program, config)}`, NOT_FOUND);
}

/** Programs of tests in Python, which need the official client library. */
const PYTHON_PROGRAMS = ["pytest", "python", "python3"];

function howToGet(program: string, { tree }: ExporterConfig): string {
  if (!PYTHON_PROGRAMS.includes(program)) return "";
  const install = clientInstall(clientPackages(tree.root));
  return `\n  for tests of this config in Python, run: ${install} jumpstarter-testing`;
}
