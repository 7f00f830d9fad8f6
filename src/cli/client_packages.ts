/** The Python packages that a client needs for a config. @module */
import { isPythonType } from "../foreign/python/packages.ts";
import { CLIENT_LABEL } from "../tree/report.ts";
import { type DriverNode, drivers } from "../tree/node.ts";

/** The client itself, with its commands. */
const CLI = "jumpstarter-cli";

/** The class of drivers without a client of their own is part of the client itself. */
const CLIENT_ITSELF = "jumpstarter";

/**
 * Lists the packages of the client classes of a tree, sorted. A package is named after the first
 * part of its classes: `acme-power` has `acme_power.client.PowerClient`.
 */
export function clientPackages(root: DriverNode): string[] {
  const names = Array.from(drivers(root), clientModule)
    .filter((name) => name !== undefined && name !== CLIENT_ITSELF);
  return [...new Set(names.map((name) => name!.replaceAll("_", "-")))].sort();
}

/**
 * The module of a client class. A Python driver that has not run yet reports none; nearly always
 * its package has that, too.
 */
function clientModule({ labels, type, source }: DriverNode): string | undefined {
  const module = /^\w+/.exec(labels[CLIENT_LABEL] ?? "")?.[0];
  const isUnknown = module === CLIENT_ITSELF && "process" in source && isPythonType(type);
  return isUnknown ? type.split(".")[0] : module;
}

/** The command that installs the client, and the packages that it needs. */
export function clientInstall(packages: readonly string[]): string {
  return ["pip install", CLI, ...packages].join(" ");
}
