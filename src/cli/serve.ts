/** Runs a standalone exporter as a resident of the process. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { LocalServer } from "../exporter/local/server.ts";
import { StandaloneExporter } from "../exporter/standalone.ts";
import type { Log } from "../log/log.ts";
import type { ObservableResident } from "./observed.ts";
import { messageOf } from "../wire/error.ts";
import { CliError } from "./common.ts";
import type { ServeAddress } from "./listen.ts";
import { programCommands } from "./program_commands.ts";

/** What to serve, and where. */
export interface ServeOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly address: ServeAddress;
  /** Called with the address once clients can connect. */
  onListening?(address: string): void;
}

/** Serves a config without a controller until it is stopped. */
export function standaloneResident(options: ServeOptions): ObservableResident {
  const { config, log, address: { passphrase } } = options;
  const exporter = new StandaloneExporter({
    config,
    log,
    commands: programCommands(),
    ...(passphrase !== undefined && { passphrase }),
  });
  return {
    store: exporter.store,
    name: config.identity.name,
    run: (ready) => serve(exporter, options, ready),
    stop: () => exporter.stop(),
  };
}

async function serve(
  exporter: StandaloneExporter,
  { config, log, address, onListening }: ServeOptions,
  ready: () => void,
): Promise<number> {
  await using _ = exporter;
  const shown = await listen(exporter, address);
  await using _server = await LocalServer.open(exporter.local, { log });
  exporter.store.update({ address: shown });
  // Whoever waits for the next line reads before it what is degraded.
  await exporter.drivers.examined();
  log.info(`Serving ${config.file} on ${shown}`);
  onListening?.(shown);
  ready();
  return await exporter.stopped;
}

async function listen(exporter: StandaloneExporter, address: ServeAddress): Promise<string> {
  try {
    if (address.kind === "unix") {
      await exporter.listenUnix(address.path);
      return `unix:${address.path}`;
    }
    const port = await exporter.listenTcp(address.host, address.port, address.keys);
    return address.host.includes(":") ? `[${address.host}]:${port}` : `${address.host}:${port}`;
  } catch (error) {
    throw new CliError(messageOf(error));
  }
}
