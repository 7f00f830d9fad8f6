/** `jmp shell`: serves a config for as long as a shell or a command runs. @module */
import { Command } from "commander";
import { StandaloneExporter } from "../exporter/standalone.ts";
import { temporaryFolder } from "../files/temporary_folder.ts";
import { onSignals } from "../process/signals.ts";
import { surviveStrayErrors } from "../process/stray_errors.ts";
import { messageOf } from "../wire/error.ts";
import { clientInstall, clientPackages } from "./client_packages.ts";
import { CliError, openLog } from "./common.ts";
import { availableDrivers, type ConfigChoice, configOptions, loadExporter } from "./configs.ts";
import type { Finish } from "./finish.ts";
import { addOfficialOptions, refuseOfficialOptions } from "./official_commands.ts";

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
    const child = argv.length > 0 ? argv : [defaultShell()];
    finish(await runChild(child, socket, clientPackages(config.tree.root)));
  });
}

function defaultShell(): string {
  return Deno.env.get("SHELL") || "/bin/sh";
}

/**
 * Runs a child on the terminal, whose signals reach it directly; the exporter survives them.
 *
 * @param packages what the official client needs for the config, for an error.
 */
async function runChild(
  [program, ...args]: string[],
  socket: string,
  packages: readonly string[],
): Promise<number> {
  using _signals = onSignals(["SIGINT", "SIGQUIT", "SIGHUP"], () => {});
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program!, {
      args,
      env: {
        JUMPSTARTER_HOST: socket,
        JMP_DRIVERS_ALLOW: "UNSAFE",
        _JMP_SUPPRESS_DRIVER_WARNINGS: "1",
      },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
  } catch (error) {
    throw new CliError(spawnProblem(program!, error, packages));
  }
  using _term = onSignals(["SIGTERM"], (signal) => child.kill(signal));
  return (await child.status).code;
}

/** Explains why `program` did not start, by the class of the error: its text is misleading. */
function spawnProblem(program: string, error: unknown, packages: readonly string[]): string {
  if (error instanceof Deno.errors.PermissionDenied) {
    return `cannot run ${program}: it is not executable for this user`;
  }
  if (!(error instanceof Deno.errors.NotFound)) return `cannot run ${program}: ${messageOf(error)}`;
  if (program.includes("/")) {
    return `cannot run ${program}: no such file, or its interpreter is missing`;
  }
  const install = clientInstall(packages);
  const origin = program === "j"
    ? `: it is part of the official client; for this config, run: ${install}`
    : "";
  return `cannot find '${program}' on PATH${origin}`;
}
