/** Serving a config without a controller until a signal comes. @module */
import type { ExporterConfig } from "../config/exporter_config.ts";
import { StandaloneExporter } from "../exporter/standalone.ts";
import type { Log } from "../log/log.ts";
import type { ServiceManager } from "../process/notify.ts";
import { type EndSignal, exitCode, onSignals } from "../process/signals.ts";
import { messageOf } from "../wire/error.ts";
import { CliError } from "./common.ts";
import type { Listener } from "./listen.ts";

/** What to serve, and where. */
export interface ServeOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly listener: Listener;
  readonly service?: ServiceManager;
  /** Called with the address once clients can come. */
  onListening?(address: string): void;
}

const END: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"];

/** Serves until one of the ending signals arrives; its exit code is the result. */
export async function serveUntilSignal(options: ServeOptions): Promise<number> {
  const { config, log, listener } = options;
  const { passphrase } = listener;
  await using exporter = new StandaloneExporter({
    config,
    log,
    ...(passphrase !== undefined && { passphrase }),
  });
  let code = 0;
  using _signals = onSignals(END, (signal) => {
    options.service?.stopping();
    log.info(`${signal}: shutting down`);
    code ||= exitCode(signal);
    exporter.stop();
  });
  const address = await listen(exporter, listener);
  log.info(`Serving ${config.file} on ${address}`);
  options.onListening?.(address);
  options.service?.ready();
  return await exporter.stopped || code;
}

async function listen(exporter: StandaloneExporter, listener: Listener): Promise<string> {
  try {
    if (listener.kind === "unix") {
      await exporter.listenUnix(listener.path);
      return `unix:${listener.path}`;
    }
    const port = await exporter.listenTcp(listener.host, listener.port, listener.keys);
    return listener.host.includes(":") ? `[${listener.host}]:${port}` : `${listener.host}:${port}`;
  } catch (error) {
    throw new CliError(messageOf(error));
  }
}
