/** The Python packages that configs and arguments of `jmp driver install` ask for. @module */
import { isPythonType, packageOf } from "../foreign/python/packages.ts";
import { parseRequirement, type Requirement } from "../foreign/python/install/requirements.ts";
import { PythonProcess } from "../foreign/python/python_process.ts";
import type { DriverEntry, Entry, ProxyEntry } from "../tree/entry.ts";
import { NotSupported } from "../wire/error.ts";
import { CliError } from "./common.ts";

/** Packages by where their names come from. */
export interface PythonNeeds {
  /** Packages of the official project. */
  readonly official: Set<string>;
  /** Packages of others that were asked for. */
  readonly others: Requirement[];
  /** Types of others in configs, whose packages have unknown names. */
  readonly unknown: Set<string>;
}

/** Nothing yet. */
export function noNeeds(): PythonNeeds {
  return { official: new Set(), others: [], unknown: new Set() };
}

/** Adds a type or the name of a package. @throws {CliError} if it is neither */
export function addArgument(needs: PythonNeeds, argument: string): void {
  const type = isPythonType(argument) ? packageOf(argument) : undefined;
  const requirement = parseRequirement(type?.distribution ?? argument);
  if (!requirement) {
    throw new CliError(
      `expected the path of a config, the type of a driver or the name of a package, ` +
        `found '${argument}'`,
    );
  }
  const { distribution, version } = requirement;
  const official = /^jumpstarter(?:[-_.]|$)/.test(distribution) && version === undefined;
  if (official) needs.official.add(distribution);
  else needs.others.push(requirement);
}

/** Adds the types of a config. */
export function addTypes(needs: PythonNeeds, types: Iterable<string>): void {
  for (const type of types) {
    const { distribution, official } = packageOf(type);
    if (official) needs.official.add(distribution);
    else needs.unknown.add(type);
  }
}

/**
 * The types whose Python classes are needed: those without a driver here, and all that stand
 * below one or that it refers to, because the official classes of a parent need those of its
 * children.
 */
export function pythonTypes(entries: readonly Entry[]): Set<string> {
  const types = new Set<string>();
  const hosted = new Set<Entry>();
  const visit = (entry: Entry, inPython: boolean): void => {
    if (entry.kind === "proxy") {
      const target = inPython ? targetOf(entry, entries) : undefined;
      if (target) visit(target, true);
      return;
    }
    const isPython = isPythonType(entry.type) && (inPython || needsPython(entry));
    if (isPython && !hosted.has(entry)) {
      hosted.add(entry);
      types.add(entry.type);
    } else if (isPython) return;
    for (const child of entry.children) visit(child, isPython);
  };
  for (const entry of entries) visit(entry, false);
  return types;
}

/** Whether there is no other driver of the type; a mistake in the config of one is not that. */
function needsPython({ source }: DriverEntry): boolean {
  if ("process" in source) return source.process instanceof PythonProcess;
  return "unavailable" in source && source.unavailable instanceof NotSupported;
}

function targetOf({ ref }: ProxyEntry, entries: readonly Entry[]): Entry | undefined {
  let found: Entry | undefined;
  let level = entries;
  for (const name of ref.split(".")) {
    found = level.find((entry) => entry.name === name);
    level = found?.kind === "driver" ? found.children : [];
  }
  return found;
}
