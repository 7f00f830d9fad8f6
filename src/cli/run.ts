/** `jmp run`: the exporter. @module */
import { Command } from "commander";
import type { ExporterConfig } from "../config/exporter_config.ts";
import { type DriverProblem, examine } from "../exporter/examine.ts";
import { raiseFileLimit } from "../libc/file_limit.ts";
import type { Log } from "../log/log.ts";
import { drivers } from "../tree/node.ts";
import { ProcessOwner } from "../process/owner.ts";
import { CliError, openLog } from "./common.ts";
import { availableDrivers, type ConfigChoice, configOptions, loadExporter } from "./configs.ts";
import { controlledExporter } from "./controlled.ts";
import type { Finish } from "./finish.ts";
import { chooseAddress, type ListenOptions } from "./listen.ts";
import { runObserved } from "./observed.ts";
import { standaloneResident } from "./serve.ts";

interface RunOptions extends ConfigChoice, ListenOptions {
  readonly strict?: boolean;
  readonly exitOnLeaseEnd?: boolean;
}

/** Serves a config to the clients of a controller, or directly on a port or socket. */
export function runCommand(finish: Finish): Command {
  const command = new Command("run").description("run an exporter");
  for (const option of configOptions()) command.addOption(option);
  return command
    .option(
      "--strict",
      "refuse to start with an error, an unavailable driver, or a config that others can change",
    )
    .option("--exit-on-lease-end", "exit after the first lease")
    .option("--tls-grpc-listener <[host:]port>", "serve clients directly, without a controller")
    .option("--tls-grpc-insecure", "with --tls-grpc-listener: no TLS")
    .option("--tls-cert <file>", "with --tls-grpc-listener: PEM certificate chain")
    .option("--tls-key <file>", "with --tls-grpc-listener: PEM private key")
    .option(
      "--passphrase <text>",
      "passphrase that every client must send; other users can see it in the process list",
    )
    .option("--passphrase-file <file>", "file with the passphrase; or set JMP_PASSPHRASE")
    .option(
      "--unsafe-no-auth",
      "with --tls-grpc-listener: accept every client, without a passphrase",
    )
    .option("--listen <unix:/path>", "serve on a local socket, without a controller")
    .action(async (options: RunOptions) => finish(await run(options, openLog(command))));
}

async function run(options: RunOptions, processLog: Log): Promise<number> {
  raiseFileLimit();
  const { strict = false } = options;
  const address = await chooseAddress(options, processLog);
  using owner = new ProcessOwner(processLog);
  await using drivers = availableDrivers(processLog);
  const loaded = await loadExporter(options, { drivers, log: processLog, strict });
  const config = withOptions(loaded, options);
  const log = processLog.child({ exporter: config.identity.name });
  if (address) {
    // Otherwise the session tells what is degraded, as it opens the drivers at once.
    if (strict) await examineDrivers(config, log, strict);
    return await runObserved(owner, [standaloneResident({ config, log, address })]);
  }
  const examine = () => examineDrivers(config, log, strict);
  await using exporter = await controlledExporter(config, log, examine);
  return await runObserved(owner, [exporter]);
}

function withOptions(config: ExporterConfig, { exitOnLeaseEnd }: RunOptions): ExporterConfig {
  return exitOnLeaseEnd ? { ...config, exitOnLeaseEnd } : config;
}

/** Warns of degraded drivers before the first lease; with --strict, refuses to start. */
async function examineDrivers(
  config: ExporterConfig,
  log: Log,
  strict: boolean,
): Promise<readonly DriverProblem[]> {
  const problems = await examine(config.tree, { open: strict, log });
  const told = new Set(unavailablePaths(config));
  for (const { path, message, usable } of problems) {
    if (told.has(path)) continue;
    log.warning(`Driver '${path}'${usable ? "" : " is degraded"}: ${message}`);
  }
  const degraded = problems.filter(({ usable }) => !usable);
  if (!strict || degraded.length === 0) return problems;
  const which = degraded.map(({ path, state }) => `${path} (${state})`).join(", ");
  const count = degraded.length === 1 ? "a driver is" : `${degraded.length} drivers are`;
  throw new CliError(`--strict: not starting: ${count} unavailable: ${which}`);
}

/** The drivers that the diagnostics of the config have named as degraded. */
function unavailablePaths({ tree }: ExporterConfig): string[] {
  const nodes = [...drivers(tree.root)].filter(({ source }) => "unavailable" in source);
  return nodes.map(({ path }) => path);
}
