/** Places the drivers of a program's report in the tree of the exporter. @module */
import { DriverError } from "../../driver/mod.ts";
import type { HostedRow } from "../../tree/hosted.ts";
import { CLIENT_LABEL, NAME_LABEL } from "../../tree/report.ts";
import type { DriverInstanceReport } from "../../wire/gen/jumpstarter/v1/jumpstarter.ts";

/** Limits of a report; a tree in which drivers contain each other reaches one of the first two. */
const MAX_DRIVERS = 1_000, MAX_DEPTH = 32, MAX_NAME = 200, MAX_TEXT = 64 * 1024;

/** The entry that a program serves. */
export interface ServedEntry {
  /** Names from the root of the exporter, joined by dots. */
  readonly path: string;
  /** The last of these names. */
  readonly name: string;
  /** The uuid of the driver at a path. */
  uuid(path: string): string;
}

/**
 * The drivers of `reports`, the entry's first and parents before children, with the uuids of the
 * exporter: those of the program may differ each time that it starts. A driver that is in the
 * report at several places, as a proxy's target is, gets a row for each.
 *
 * The report's root is the entry's driver. It may also be the root of an exporter that has the
 * entry as its only child: then it has no name, and another uuid than the program was given.
 *
 * @throws {DriverError} if the report is no tree, or larger than a report can be.
 */
export function hostedRows(
  reports: readonly DriverInstanceReport[],
  entry: ServedEntry,
): HostedRow[] {
  if (reports.length > MAX_DRIVERS) throw tooLarge();
  const children = new Map<string, DriverInstanceReport[]>();
  const roots = reports.filter((row) => !row.parentUuid);
  for (const row of reports) {
    if (!row.parentUuid) continue;
    const siblings = children.get(row.parentUuid) ?? [];
    children.set(row.parentUuid, [...siblings, row]);
  }
  const root = roots[0];
  if (!root || roots.length > 1) {
    throw unusable(`expected one driver without parent_uuid, found ${roots.length}`);
  }
  const rows: HostedRow[] = [];
  const place = (row: DriverInstanceReport, path: string, depth: number) => {
    if (rows.length === MAX_DRIVERS || depth > MAX_DEPTH) throw tooLarge();
    rows.push(hostedRow(row, path, entry.uuid(path)));
    for (const [name, child] of named(children.get(row.uuid) ?? [], path)) {
      place(child, `${path}.${name}`, depth + 1);
    }
  };
  place(driverOf(root, children, entry), entry.path, 1);
  const placed = new Set(rows.map(({ uuid, remoteUuid = uuid }) => remoteUuid));
  const lost = reports.find(({ uuid, parentUuid }) => parentUuid && !placed.has(uuid));
  if (lost) throw unusable(`expected the driver ${parentOf(lost)}, found none with this uuid`);
  return rows;
}

function driverOf(
  root: DriverInstanceReport,
  children: ReadonlyMap<string, readonly DriverInstanceReport[]>,
  { path, name, uuid }: ServedEntry,
): DriverInstanceReport {
  if (root.labels[NAME_LABEL] || root.uuid === uuid(path)) return root;
  const [only, ...others] = children.get(root.uuid) ?? [];
  return only?.labels[NAME_LABEL] === name && others.length === 0 ? only : root;
}

/** The rows by their names. Repeated rows of the same driver are left out. */
function named(
  rows: readonly DriverInstanceReport[],
  parent: string,
): Map<string, DriverInstanceReport> {
  const found = new Map<string, DriverInstanceReport>();
  for (const row of rows) {
    const name = row.labels[NAME_LABEL] ?? "";
    if (!/^[^.\0]+$/.test(name) || name.length > MAX_NAME) {
      const wanted = `expected for each child of '${parent}' a label ${NAME_LABEL} without dots`;
      throw unusable(`${wanted}, found ${JSON.stringify(name.slice(0, MAX_NAME))}`);
    }
    const first = found.get(name);
    if (first && first.uuid !== row.uuid) {
      throw unusable(`expected different names, found two children '${name}' of '${parent}'`);
    }
    found.set(name, row);
  }
  return found;
}

function hostedRow(row: DriverInstanceReport, path: string, uuid: string): HostedRow {
  const { [NAME_LABEL]: _, ...labels } = row.labels;
  if (!row.uuid) throw unusable(`expected that '${path}' has a uuid, found none`);
  if (!labels[CLIENT_LABEL]) {
    throw unusable(`expected that '${path}' has the label ${CLIENT_LABEL}, found none`);
  }
  const { description = "", methodsDescription } = row;
  const texts = [labels, methodsDescription].flatMap((map) => Object.entries(map).flat());
  const size = [row.uuid, description, ...texts].reduce((sum, text) => sum + text.length, 0);
  if (size > MAX_TEXT) throw tooLarge();
  return {
    path,
    uuid,
    ...(row.uuid !== uuid && { remoteUuid: row.uuid }),
    labels,
    ...(description && { description }),
    methodsDescription,
  };
}

function parentOf({ labels, parentUuid }: DriverInstanceReport): string {
  return `${parentUuid}, the parent of '${labels[NAME_LABEL] ?? ""}'`;
}

function tooLarge(): DriverError {
  return unusable(
    `expected at most ${MAX_DRIVERS} drivers in ${MAX_DEPTH} levels, and ${MAX_TEXT} characters ` +
      "of labels and descriptions each, found more",
  );
}

function unusable(why: string): DriverError {
  return new DriverError(`Cannot use the report of the program: ${why}`);
}
