/** Starts the program of an entry, and asks it for its drivers. @module */
import { type DriverError, NotSupported } from "../../driver/mod.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import type { Identity } from "../../tree/uuid.ts";
import type { Launch, Launched } from "../process/launched.ts";
import { findProgram } from "./find.ts";
import { ProgramProcess } from "./process.ts";
import type { ConfigMap, ExecProgram } from "./program.ts";
import { waitUntilServing } from "./ready.ts";
import { type HostedRecord, Records } from "./records.ts";
import { hostedRows, type ServedEntry } from "./report.ts";

/** An entry and its program. */
export interface ExecOptions extends ServedEntry {
  readonly program: ExecProgram;
  /** The exporter's. */
  readonly identity: Identity;
  /** The folder of the config file; relative paths start there. */
  readonly folder: string;
  /** Called with what the program writes and logs. */
  onRecord(record: HostedRecord): void;
}

/** The function that starts the program of an entry; each call starts another process. */
export function execLaunch(options: ExecOptions): Launch {
  return async (signal) => {
    signal.throwIfAborted();
    const records = new Records(options.path, options.onRecord);
    const process = await ProgramProcess.start({
      program: findProgram(options.program, options.folder),
      env: environment(options),
      input: configText(options),
      onLine: (line) => records.line(line),
    });
    try {
      return await launched(process, records, options, signal);
    } catch (error) {
      await process.close(0);
      throw error;
    }
  };
}

async function launched(
  process: ProgramProcess,
  records: Records,
  options: ExecOptions,
  signal: AbortSignal,
): Promise<Launched> {
  const { startTimeoutMs, entry } = options.program;
  const { client, report } = await waitUntilServing(process, startTimeoutMs, signal);
  process.ended.then(() => client[Symbol.asyncDispose]());
  const rows = hostedRows(report.reports, options);
  void records.follow(client, rows);
  return {
    pid: process.pid,
    socket: process.socket,
    rows,
    problems: missing(entry, options.path, rows),
    ended: process.ended,
    close: (graceMs) => close(process, options, graceMs),
  };
}

/** Ends a program, and tells if it had to be killed. */
async function close(
  process: ProgramProcess,
  { path, onRecord }: ExecOptions,
  graceMs: number,
): Promise<void> {
  if (await process.close(graceMs) || graceMs === 0) return;
  const message = `expected that the program ends within ${graceMs / 1000} s after SIGTERM, ` +
    "found that it runs on; it was killed";
  onRecord({ path, severity: "error", message });
}

function environment({ program, path, uuid }: ExecOptions): Record<string, string> {
  return { ...program.env, JMP_DRIVER_PATH: path, JMP_DRIVER_UUID: uuid(path) };
}

/** The ExporterConfig that the program reads, as JSON, which is YAML as well. */
function configText({ program, identity, name }: ExecOptions): string {
  const config = {
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: { namespace: identity.namespace, name: identity.name },
    export: { [name]: program.entry },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The children of the entry, at any depth, that the program does not serve. */
function missing(
  entry: ConfigMap,
  path: string,
  rows: readonly HostedRow[],
): Map<string, DriverError> {
  const served = new Set(rows.map((row) => row.path));
  const lost = childPaths(entry, path).filter((child) => !served.has(child));
  return new Map(lost.map((child) => {
    const why = `expected that the program of '${path}' serves '${child}', found that its report ` +
      "does not have it; remove the entry, or correct the program";
    return [child, new NotSupported(why)];
  }));
}

function childPaths({ children }: ConfigMap, path: string): string[] {
  if (typeof children !== "object" || children === null) return [];
  return Object.entries(children).flatMap(([name, child]) => {
    const childPath = `${path}.${name}`;
    return [childPath, ...childPaths((child ?? {}) as ConfigMap, childPath)];
  });
}
