/**
 * The exporter's log: one line a record on standard error, and the same records to every
 * attached sink (the log streams of clients).
 *
 * Messages are cut to length and cleared of secrets before a sink sees them. A sink makes them
 * safe to print.
 *
 * @module
 */
import { cut } from "../text/cut.ts";
import { printable, printableJson, printableLines, withoutColors } from "../text/printable.ts";
import { hideSecrets, redacted } from "../text/secrets.ts";

/** The severities, from least to most. */
export const SEVERITIES = ["debug", "info", "warning", "error", "critical"] as const;
/** @see SEVERITIES */
export type Severity = typeof SEVERITIES[number];

/** The origin of a record: clients always show hook lines, the others on demand. */
export type LogOrigin = "system" | "driver" | "beforeLease" | "afterLease";

/** One line of the log. */
export interface LogRecord {
  readonly time: Date;
  readonly severity: Severity;
  readonly message: string;
  readonly origin: LogOrigin;
  /** The part that logs: `exporter`, `controller`, or a driver's path. */
  readonly logger: string;
  /** The dotted type of the driver that logs, where one does. */
  readonly driverType?: string;
  /** The name of the exporter that logs. */
  readonly exporter?: string;
  /** The lease that the record belongs to. */
  readonly lease?: string;
  /** Who holds that lease, where the controller says so. */
  readonly client?: string;
}

/** Receives every record that is at or above the sink's own threshold. */
export type Sink = (record: LogRecord) => void;

/** Longest message in characters; what is left out of a longer one is counted. */
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

  /** The same log with another context. */
  child(context: Partial<Context>): Log {
    return new Log(this.#sinks, { ...this.#context, ...context });
  }

  /**
   * A log whose records also go to this log's sinks, with room for sinks of its own.
   *
   * @param context what this log's sinks get in addition; evaluated for each record
   */
  fork(context: () => Partial<Context> = () => ({})): Log {
    const parents = this.#sinks;
    const forward: Sink = (record) => {
      const whole = { ...record, ...context() };
      parents.forEach((sink) => sink(whole));
    };
    return new Log(new Set([forward]), this.#context);
  }

  /** Sends every further record to `sink` too, until disposed. */
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

/** Whether this is output of a hook; its author alone decides what clients may read. */
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
  /** `json` is one object a line, for collectors. @default "text" */
  readonly format?: "text" | "json";
}

/** A sink that writes to standard error. */
export function stderrSink({ level = "info", format = "text" }: StderrOptions = {}): Sink {
  const threshold = SEVERITIES.indexOf(level);
  const render = format === "json" ? renderJson : renderText;
  const encoder = new TextEncoder();
  return (record) => {
    if (SEVERITIES.indexOf(record.severity) < threshold) return;
    writeAll(encoder.encode(render(record) + "\n"));
  };
}

/** Synchronous, so that the last words of a dying process are not lost. */
function writeAll(bytes: Uint8Array): void {
  try {
    for (let written = 0; written < bytes.length;) {
      written += Deno.stderr.writeSync(bytes.subarray(written));
    }
  } catch {
    // Nobody reads standard error any more; an exporter goes on without it.
  }
}

function renderText(record: LogRecord): string {
  const { time, severity, logger, message } = record;
  const where = printable(record.lease ? `${logger} (${record.lease})` : logger);
  const text = printableLines(withoutColors(message));
  return `${time.toISOString()} ${severity.toUpperCase().padEnd(7)} ${where}: ${text}`;
}

/** The keys of the official exporter's JSON log (its log-schema.json). */
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
