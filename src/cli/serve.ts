/** Serving a config without a controller until a signal comes. @module */
import type { ExporterConfig } from "../config/schema.ts";
import { StandaloneExporter } from "../exporter/standalone.ts";
import type { Log } from "../system/log.ts";
import { type EndSignal, exitCode, firstSignal } from "../system/signals.ts";
import { messageOf } from "../wire/error.ts";
import { CliError } from "./common.ts";
import type { Listener } from "./listen.ts";

/** What to serve, and where. */
export interface ServeOptions {
  readonly config: ExporterConfig;
  readonly log: Log;
  readonly listener: Listener;
  readonly passphrase?: string;
  /** Called with the address once clients can come. */
  onListening?(address: string): void;
}

const END: readonly EndSignal[] = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGHUP"];

/** Serves until one of the ending signals arrives; its exit code is the result. */
export async function serveUntilSignal(options: ServeOptions): Promise<number> {
  const { config, log, listener, passphrase } = options;
  const signal = firstSignal(END);
  await using exporter = new StandaloneExporter({
    config,
    log,
    ...(passphrase !== undefined && { passphrase }),
  });
  const address = await listen(exporter, listener);
  log.info(`Serving ${config.file} on ${address}`);
  options.onListening?.(address);
  const ended = await Promise.race([signal, exporter.stopped]);
  if (typeof ended === "number") return ended;
  log.info(`${ended}: shutting down`);
  exporter.stop();
  return await exporter.stopped || exitCode(ended!);
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
