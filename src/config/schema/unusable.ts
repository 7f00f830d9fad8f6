/** Entries that a mistake in the config makes unusable. @module */
import type { DriverEntry, UnavailableDriver } from "../../tree/entry.ts";
import { InvalidArgument } from "../../wire/error.ts";
import type { Findings } from "../yaml/diagnostics.ts";

/** The source of a driver whose entry has errors: clients see the first of them. */
export function unusable({ problem }: Findings, client?: string): UnavailableDriver {
  const reason = problem
    ? `its config has an error in line ${problem.line}: ${problem.path && `${problem.path}: `}` +
      problem.message
    : "its config has errors";
  return { unavailable: new InvalidArgument(reason), ...(client && { client }) };
}

/** An entry that defines nothing, because of the errors in `findings`. */
export function unusableEntry(
  { name, findings }: { readonly name: string; readonly findings: Findings },
): DriverEntry {
  return {
    kind: "driver",
    name,
    type: "",
    source: unusable(findings),
    methodsDescription: {},
    labels: {},
    children: [],
  };
}
