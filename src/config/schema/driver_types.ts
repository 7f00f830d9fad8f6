/** Finds the driver that the `type:` of an entry names. @module */
import type { DriverManifest } from "../../driver/manifest.ts";
import type { HostedDriver, UnavailableDriver } from "../../tree/entry.ts";
import type { DriverLoader, HostedEntry, ProcessFinder } from "../../tree/loader.ts";
import { DriverError, InvalidArgument, NotSupported } from "../../wire/error.ts";
import { allOf } from "../../text/enumerate.ts";
import { placeholderProblem } from "../../text/placeholder.ts";
import { didYouMean, nearest } from "../../text/nearest.ts";
import { describeValue } from "../../text/value.ts";
import { OFFICIAL_TYPES } from "./official_types.ts";
import type { Findings } from "../yaml/diagnostics.ts";
import type { YamlPath } from "../yaml/position.ts";

/** The drivers that a config can name. */
export interface DriverSources {
  /** The built-in drivers by type. */
  readonly registry: ReadonlyMap<string, DriverManifest>;
  /** Finds custom drivers. */
  readonly loader: DriverLoader;
}

/** What an entry may name: a driver of this program, a custom one, or one of another process. */
export type FoundDriver = DriverManifest | UnavailableDriver | HostedDriver;

/** The position of a `type:`, and what finding its driver needs. */
export interface TypeContext extends DriverSources {
  /** Finds drivers that other processes serve. */
  readonly processes: ProcessFinder | undefined;
  /** The config file: paths of custom drivers are relative to it. */
  readonly file: string;
  readonly findings: Findings;
  readonly path: YamlPath;
}

/** The driver of an entry, or why it is unavailable, which is reported to the findings as well. */
export async function findDriver(
  { type, ...entry }: Omit<HostedEntry, "type"> & { readonly type: unknown },
  context: TypeContext,
): Promise<FoundDriver> {
  const { registry, findings, path } = context;
  const unfilled = placeholderProblem(String(type), "the type of a driver");
  if (unfilled !== undefined) {
    findings.error(path, unfilled);
    return { unavailable: new InvalidArgument(unfilled) };
  }
  const claimed = await context.processes?.claim({ ...entry, type: String(type) });
  if (claimed && !(claimed instanceof DriverError)) {
    return available(claimed, context, String(type));
  }
  if (claimed) return await withoutProcess({ ...entry, type: String(type) }, claimed, context);
  if (typeof type !== "string" || !(type.includes(".") || isFileType(type))) {
    const suggestion = typeof type === "string" ? suggestType(type, registry.keys()) : "";
    const message = `expected the dotted name of a driver or ./file.ts#Name, found ` +
      describeValue(type) + suggestion;
    findings.error(path, message);
    return { unavailable: new InvalidArgument(message) };
  }
  return available(await resolveType({ ...entry, type }, context), context, type);
}

/**
 * The driver of an entry whose keys name no process that can be used. The official exporter ignores
 * those keys.
 */
async function withoutProcess(
  entry: HostedEntry,
  problem: DriverError,
  context: TypeContext,
): Promise<FoundDriver> {
  const found = entry.type.includes(".") ? await resolveType(entry, context) : problem;
  if (found instanceof DriverError) return available(problem, context, entry.type);
  const why = problem.message.replace(/[;.]$/, "");
  context.findings.warning(context.path, `${why}; the exporter uses its own driver instead`);
  return available(found, context, entry.type);
}

/** The driver that was found; if none was, the reason is reported. */
function available(
  found: DriverManifest | HostedDriver | DriverError,
  { findings, path }: TypeContext,
  type = "",
): FoundDriver {
  const client = OFFICIAL_TYPES.get(type);
  if (!(found instanceof DriverError)) {
    return "process" in found && client ? { ...found, client } : found;
  }
  const reason = found.message.replace(/[;.]$/, "");
  const stop = reason.endsWith("?") ? " The" : "; the";
  findings.warning(path, `${reason}${stop} exporter starts with this driver degraded`);
  return { unavailable: found, ...(client && { client }) };
}

/** The driver of an entry, or why it is not available. */
async function resolveType(
  entry: HostedEntry,
  { registry, loader, file, processes, findings, path }: TypeContext,
): Promise<DriverManifest | HostedDriver | DriverError> {
  const { type } = entry;
  const own = registry.get(type) ?? await loader.find(type, file);
  if (own) return own;
  const suggestion = OFFICIAL_TYPES.has(type) ? "" : suggestType(type, registry.keys());
  const hosted = await processes?.find(entry);
  if (hosted && !(hosted instanceof DriverError)) {
    // Packages of others may have names like ours.
    if (suggestion && /^jumpstarter(?:_driver_|\.drivers\.)/.test(type)) {
      findings.warning(path, `the type '${type}' is none of the official drivers${suggestion}`);
    }
    return hosted;
  }
  if (hosted && suggestion === "") return hosted;
  return new NotSupported(reason(type, registry.keys()));
}

/** Whether `type` names a file: `./relay.ts#Relay`, `/opt/relay.ts`, `file:///opt/relay.ts`. */
function isFileType(type: string): boolean {
  return /^(?:\.{0,2}\/|file:)/.test(type);
}

/** `; did you mean …?` for an unknown type, or the empty string. */
function suggestType(type: string, registered: Iterable<string>): string {
  const types = [...new Set([...registered, ...OFFICIAL_TYPES.keys()])];
  const wanted = className(type);
  const sameClass = types.find((candidate) => className(candidate) === wanted);
  if (sameClass) return `; did you mean '${sameClass}'?`;
  const ofModule = types.filter((candidate) => moduleName(candidate) === moduleName(type));
  const similar = nearest(wanted, (ofModule.length > 0 ? ofModule : types).map(className));
  // A name that differs in its class alone is near to all others of its module.
  if (similar === undefined && ofModule.length > 0) {
    const classes = ofModule.map((candidate) => candidate.slice(moduleName(type).length + 1));
    const shown = classes.length > MOST_SHOWN
      ? [...classes.slice(0, MOST_SHOWN), "others"]
      : classes;
    return `; ${moduleName(type)} has ${allOf(shown)}`;
  }
  return didYouMean(type, types.filter((candidate) => className(candidate) === similar));
}

/** Most classes of a module that a message lists. */
const MOST_SHOWN = 5;

function moduleName(type: string): string {
  return type.slice(0, Math.max(0, type.lastIndexOf(".")));
}

function reason(type: string, registered: Iterable<string>): string {
  if (OFFICIAL_TYPES.has(type)) return `this version of jmp does not have the driver '${type}'`;
  return `expected the type of a driver, found '${type}', which is unknown` +
    suggestType(type, registered);
}

function className(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1).toLowerCase();
}
