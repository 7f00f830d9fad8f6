/** The Python packages that a client needs for a config. @module */
import { CLIENT_LABEL, report } from "../tree/report.ts";
import type { DriverNode } from "../tree/node.ts";

/** The class of drivers without a client of their own is part of the client itself. */
const CLIENT_ITSELF = "jumpstarter";

/**
 * Lists the packages of the client classes that a tree reports, sorted. A package is named after
 * the first part of its classes: `acme-power` has `acme_power.client.PowerClient`.
 */
export function clientPackages(root: DriverNode): string[] {
  const modules = report(root).map(({ labels }) => /^\w+/.exec(labels[CLIENT_LABEL] ?? "")?.[0]);
  const names = modules.filter((name) => name !== undefined && name !== CLIENT_ITSELF);
  return [...new Set(names.map((name) => name!.replaceAll("_", "-")))].sort();
}
