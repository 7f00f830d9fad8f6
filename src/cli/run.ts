/** `jmp run`: the exporter. @module */
import { Command } from "commander";
import { formatDiagnostic } from "../config/yaml/diagnostics.ts";
import { readToken } from "../config/credentials.ts";
import { requireController } from "../config/controller_requirements.ts";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { examine } from "../exporter/examine.ts";
import type { Holder } from "../exporter/lock/holder.ts";
import { lockName, NameInUse, type NameLockOptions } from "../exporter/lock/name_lock.ts";
import { raiseFileLimit } from "../libc/file_limit.ts";
import { CheckpointFile } from "../lease/checkpoint_file.ts";
import type { Log } from "../log/log.ts";
import { ServiceManager } from "../process/notify.ts";
import { type EndSignal, exitCode, onSignals } from "../process/signals.ts";
import { unknownOptions } from "../wire/grpc/channel_options.ts";
import {
  CliError,
  type ConfigChoice,
  configOptions,
  loadExporter,
  openLog,
  printError,
  surviveStrayErrors,
} from "./common.ts";
import { chooseListener, type ListenOptions } from "./listen.ts";
import type { Finish } from "./finish.ts";
import { serveUntilSignal } from "./serve.ts";

interface RunOptions extends ConfigChoice, ListenOptions {
  readonly strict?: boolean;
  readonly exitOnLeaseEnd?: boolean;
}

/** Serves a config: to a controller's clients, or directly on a port or socket. */
export function runCommand(finish: Finish): Command {
  const command = new Command("run").description("run an exporter");
  for (const option of configOptions()) command.addOption(option);
  return command
    .option(
      "--strict",
      "refuse to start when a driver cannot be had, or others can change the config",
    )
    .option("--exit-on-lease-end", "end after the first lease")
    .option("--tls-grpc-listener <[host:]port>", "serve clients directly, without a controller")
    .option("--tls-grpc-insecure", "with --tls-grpc-listener: no TLS")
    .option("--tls-cert <file>", "with --tls-grpc-listener: PEM certificate chain")
    .option("--tls-key <file>", "with --tls-grpc-listener: PEM private key")
    .option("--passphrase <text>", "clients must know it; others see it in the list of processes")
    .option("--passphrase-file <file>", "the same, from a file; or JMP_PASSPHRASE=text")
    .option("--unsafe-no-auth", "with --tls-grpc-listener: no passphrase, let everybody in")
    .option("--listen <unix:/path>", "serve on a local socket, without a controller")
    .action(async (options: RunOptions) => finish(await run(options, openLog(command))));
}

async function run(options: RunOptions, log: Log): Promise<number> {
  raiseFileLimit();
  const listener = await chooseListener(options, log);
  surviveStrayErrors(log);
  using service = new ServiceManager(log);
  await using exporter = await loadExporter(options, log, options.strict);
  const { config } = exporter;
  const look = () => examineDrivers(config, log, options.strict ?? false);
  if (!listener) return await runWithController(withOptions(config, options), log, service, look);
  await look();
  return await serveUntilSignal({ config, log, listener, service });
}

function withOptions(config: ExporterConfig, { exitOnLeaseEnd }: RunOptions): ExporterConfig {
  return exitOnLeaseEnd ? { ...config, exitOnLeaseEnd } : config;
}

/** Degraded drivers are told of at once; only --strict makes them a reason not to start. */
async function examineDrivers(config: ExporterConfig, log: Log, strict: boolean): Promise<void> {
  const problems = await examine(config.tree, { open: strict, log });
  for (const { path, message, usable } of problems) {
    log.warning(`Driver '${path}'${usable ? "" : " is degraded"}: ${message}`);
  }
  const degraded = problems.filter(({ usable }) => !usable);
  if (strict && degraded.length > 0) {
    throw new CliError(`--strict: ${degraded.length} of the drivers cannot be had (see above)`);
  }
}

const NOW: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGQUIT"];

async function runWithController(
  config: ExporterConfig,
  log: Log,
  service: ServiceManager,
  look: () => Promise<void>,
): Promise<number> {
  // Only here, because a third of the start of those that need no controller is grpc-js.
  const { Exporter } = await import("../exporter/exporter.ts");
  const missing = requireController(config);
  for (const diagnostic of missing) printError(formatDiagnostic(diagnostic));
  if (missing.length > 0) throw new CliError(`${config.file} cannot be used with a controller`);
  for (const name of unknownOptions(config.channelOptions)) {
    log.warning(`${config.file}: the gRPC option ${name} has no effect here`);
  }
  const { identity, endpoint = "" } = config;
  const token = () => readToken(config);
  // First of all, as the other one has the hardware, and how far its lease has come.
  await using lock = await lockOrExplain({ endpoint, identity, token, log });
  await look();
  const exporter = new Exporter({
    config,
    log,
    endpoint,
    token,
    checkpoints: new CheckpointFile(config.identity, { warn: (message) => log.warning(message) }),
  });
  let code = 0;
  using _now = onSignals(NOW, (signal) => {
    service.stopping();
    lock?.leaving();
    log.info(`${signal}: shutting down`);
    code ||= exitCode(signal);
    exporter.stop();
  });
  using _drain = onSignals(["SIGHUP"], (signal) => {
    log.info(`${signal}: shutting down after the present lease`);
    code ||= exitCode(signal);
    exporter.drain();
  });
  // A controller that is away is no reason to count as not started: the exporter waits for it.
  service.ready();
  return await exporter.run() || code;
}

/** sysexits.h: somebody else has it now. */
const EX_TEMPFAIL = 75;

/** The exporter's name on this host, for as long as the process lives. */
async function lockOrExplain(options: NameLockOptions): Promise<Holder | undefined> {
  try {
    return await lockName(options);
  } catch (error) {
    if (error instanceof NameInUse) throw new CliError(error.message, EX_TEMPFAIL);
    throw error;
  }
}
