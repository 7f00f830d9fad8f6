/**
 * The log: passes records to its sinks, such as standard error and the log streams of clients.
 *
 * Messages are shortened and secrets removed before a sink receives them. Escaping control
 * characters is up to the sink.
 *
 * @module
 */
import { tryToWrite } from "../base/standard_streams.ts";
import { cut } from "../text/cut.ts";
import { printable, printableJson, printableLines, withoutColors } from "../text/printable.ts";
import { hideSecrets, redacted } from "../text/secrets.ts";

/** The severities, in ascending order. */
export const SEVERITIES = ["debug", "info", "warning", "error", "critical"] as const;
/** @see SEVERITIES */
export type Severity = typeof SEVERITIES[number];

/** The origin of a record: clients always show the output of hooks, and other records on request. */
export type LogOrigin = "system" | "driver" | "beforeLease" | "afterLease";

/** A record of the log. */
export interface LogRecord {
  readonly time: Date;
  readonly severity: Severity;
  readonly message: string;
  readonly origin: LogOrigin;
  /** The part of the exporter that logs: `exporter`, `controller`, or the path of a driver. */
  readonly logger: string;
  /** The dotted type of the driver, if a driver logs. */
  readonly driverType?: string;
  /** The name of the exporter that logs. */
  readonly exporter?: string;
  /** The lease that the record belongs to. */
  readonly lease?: string;
  /** The client that holds the lease, if the controller names it. */
  readonly client?: string;
}

/** Receives every record; it applies its own threshold. */
export type Sink = (record: LogRecord) => void;

/** Longest message in characters; a longer one is shortened, and names how much is left out. */
const MAX_MESSAGE = 16 * 1024;

type Context = Omit<LogRecord, "time" | "severity" | "message">;

/** A logger with a fixed context; children share their parent's sinks. */
export class Log {
  readonly #sinks: Set<Sink>;
  readonly #context: Context;

  constructor(
    sinks: Iterable<Sink> = [],
    context: Context = { origin: "system", logger: "exporter" },
  ) {
    this.#sinks = sinks instanceof Set ? sinks : new Set(sinks);
    this.#context = context;
  }

  /** Returns a log with the same sinks and a changed context. */
  child(context: Partial<Context>): Log {
    return new Log(this.#sinks, { ...this.#context, ...context });
  }

  /**
   * Returns a log with its own sinks, whose records also go to the sinks of this log.
   *
   * @param context added to the records for the sinks of this log; evaluated for each record
   */
  fork(context: () => Partial<Context> = () => ({})): Log {
    const parents = this.#sinks;
    const forward: Sink = (record) => {
      const whole = { ...record, ...context() };
      parents.forEach((sink) => sink(whole));
    };
    return new Log(new Set([forward]), this.#context);
  }

  /** Passes further records to `sink` as well, until disposed. */
  attach(sink: Sink): Disposable {
    this.#sinks.add(sink);
    return { [Symbol.dispose]: () => void this.#sinks.delete(sink) };
  }

  debug(message: string): void {
    this.write("debug", message);
  }
  info(message: string): void {
    this.write("info", message);
  }
  warning(message: string): void {
    this.write("warning", message);
  }
  error(message: string): void {
    this.write("error", message);
  }
  critical(message: string): void {
    this.write("critical", message);
  }

  write(severity: Severity, message: string): void {
    const record: LogRecord = {
      ...this.#context,
      time: new Date(),
      severity,
      message: admissible(message, this.#context.origin),
    };
    for (const sink of this.#sinks) sink(record);
  }
}

/** Whether a record is output of a hook, whose author decides what clients may read. */
export function isHook(origin: LogOrigin): boolean {
  return origin === "beforeLease" || origin === "afterLease";
}

function admissible(message: string, origin: LogOrigin): string {
  const hidden = isHook(origin) ? hideSecrets(message) : redacted(message);
  return cut(hidden, MAX_MESSAGE).toWellFormed();
}

/** How records are written to standard error. */
export interface StderrOptions {
  /** @default "info" */
  readonly level?: Severity;
  /** `json` writes one object per line, for log collectors. @default "text" */
  readonly format?: "text" | "json";
}

/** Creates a sink that writes to standard error. */
export function stderrSink({ level = "info", format = "text" }: StderrOptions = {}): Sink {
  const threshold = SEVERITIES.indexOf(level);
  const render = format === "json" ? renderJson : renderText;
  const encoder = new TextEncoder();
  return (record) => {
    if (SEVERITIES.indexOf(record.severity) < threshold) return;
    // Written at once, so that no record is lost when the process exits. Where nobody reads them, the
    // exporter continues without them.
    tryToWrite(Deno.stderr, encoder.encode(render(record) + "\n"));
  };
}

function renderText(record: LogRecord): string {
  const { time, severity, logger, message } = record;
  const where = printable(record.lease ? `${logger} (${record.lease})` : logger);
  const text = printableLines(withoutColors(message));
  return `${time.toISOString()} ${severity.toUpperCase().padEnd(7)} ${where}: ${text}`;
}

/** Uses the keys of the official exporter's JSON log (its log-schema.json). */
function renderJson(record: LogRecord): string {
  return printableJson({
    ts: record.time.toISOString(),
    level: record.severity,
    msg: record.message,
    component: "exporter",
    logger: record.logger,
    exporter: record.exporter,
    lease_id: record.lease,
    client: record.client,
    driver_type: record.driverType,
  });
}
