/** The Python packages that configs and arguments of `jmp driver install` ask for. @module */
import { isPythonType, packageOf } from "../foreign/python/packages.ts";
import { parseRequirement, type Requirement } from "../foreign/python/install/requirements.ts";
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
