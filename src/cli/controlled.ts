/** Runs an exporter with a controller as a resident of the process. @module */
import { requireController } from "../config/controller_requirements.ts";
import { readToken } from "../config/credentials.ts";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { formatDiagnostic } from "../config/yaml/diagnostics.ts";
import type { DriverProblem } from "../exporter/examine.ts";
import { LocalServer } from "../exporter/local/server.ts";
import type { NameLock } from "../exporter/lock/name_lock.ts";
import { lockName, NameInUse, type NameLockOptions } from "../exporter/lock/lock_name.ts";
import { CheckpointFile } from "../lease/checkpoint_file.ts";
import type { Log } from "../log/log.ts";
import { logChanges } from "../observe/log_view.ts";
import type { ObservableResident } from "./observed.ts";
import { unknownOptions } from "../wire/grpc/channel_options.ts";
import { CliError, printError } from "./common.ts";
import { programCommands } from "./program_commands.ts";

/** An exporter that holds the lock of its name on this host until it is disposed. */
export interface ControlledExporter extends ObservableResident, AsyncDisposable {}

/**
 * Locks the exporter's name on this host and then examines its drivers. In this order, because
 * another process with the name would be using the hardware and the saved progress of the lease.
 *
 * @throws {CliError} if the config does not name a controller, or another process holds the name.
 */
export async function controlledExporter(
  config: ExporterConfig,
  log: Log,
  examineDrivers: () => Promise<readonly DriverProblem[]>,
): Promise<ControlledExporter> {
  // Imported only here: grpc-js takes a third of the start time of an exporter without a controller.
  const { Exporter } = await import("../exporter/exporter.ts");
  const missing = requireController(config);
  for (const diagnostic of missing) printError(formatDiagnostic(diagnostic));
  if (missing.length > 0) throw new CliError(`${config.file} cannot be used with a controller`);
  for (const name of unknownOptions(config.channelOptions)) {
    log.warning(`${config.file}: the gRPC option ${name} has no effect here`);
  }
  const { identity, endpoint = "" } = config;
  const token = () => readToken(config);
  await using stack = new AsyncDisposableStack();
  const lock = stack.use(await lockOrExplain({ endpoint, identity, token, log }));
  const problems = await examineDrivers();
  const checkpoints = new CheckpointFile(identity, { warn: (message) => log.warning(message) });
  const commands = programCommands();
  const exporter = new Exporter({ config, log, endpoint, token, checkpoints, commands });
  exporter.store.noteProblems(problems);
  stack.use(logChanges(exporter.store, log));
  stack.use(await LocalServer.open(exporter.local, { log }));
  const held = stack.move();
  return {
    store: exporter.store,
    name: identity.name,
    run(ready) {
      // Ready before the controller answers: the exporter waits for a controller that is down.
      ready();
      return exporter.run();
    },
    stop() {
      lock?.leaving();
      exporter.stop();
    },
    drain: () => exporter.drain(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** sysexits.h: a temporary failure, here that another process holds the name. */
const EX_TEMPFAIL = 75;

/** Locks the exporter's name on this host, for as long as the process lives. */
async function lockOrExplain(options: NameLockOptions): Promise<NameLock | undefined> {
  try {
    return await lockName(options);
  } catch (error) {
    if (error instanceof NameInUse) throw new CliError(error.message, EX_TEMPFAIL);
    throw error;
  }
}
