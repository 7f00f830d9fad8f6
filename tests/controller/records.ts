/**
 * The objects that a controller keeps in Kubernetes, as plain records.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { DriverInstanceReport } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";

/** Default duration of a lease, in milliseconds. */
export const DEFAULT_DURATION_MS = 30 * 60_000;

/** One status as it was reported. */
export interface StatusReport {
  readonly status: ExporterStatus;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** An Exporter object. */
export interface ExporterRecord {
  readonly namespace: string;
  readonly name: string;
  token: string;
  readonly uuid: string;
  labels: Record<string, string>;
  /** Empty if it is not registered. */
  reports: DriverInstanceReport[];
  status: ExporterStatus;
  message: string;
  /** Every status it reported, oldest first. */
  readonly history: StatusReport[];
  /** How many Status streams watch it; they watch by name, and so a new object as well. */
  streams: number;
  /** Milliseconds since the epoch; 0 for never. */
  lastSeen: number;
  /** Whether the controller has looked for the lease that names it. */
  reconciled: boolean;
}

/** A Client object. */
export interface ClientRecord {
  readonly namespace: string;
  readonly name: string;
  token: string;
}

/** A Lease object; it has ended if `end` is set. */
export interface LeaseRecord {
  readonly namespace: string;
  readonly name: string;
  readonly selector: string;
  /** The exporter that was asked for by name. */
  readonly exporterName: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly context: Readonly<Record<string, string>>;
  /** Name of the client that holds it. */
  client: string;
  durationMs: number;
  /** The time that was asked for; undefined for now. */
  requestedBegin: Date | undefined;
  /** Name of the exporter that was given. */
  exporter: string | undefined;
  begin: Date | undefined;
  end: Date | undefined;
  endReason: "Released" | "Expired" | undefined;
}

/** The identity of an exporter or a client. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly token: string;
}

/** An exporter that has not registered yet. */
export function newExporter(identity: Identity, labels: Record<string, string>): ExporterRecord {
  const { namespace, name, token } = identity;
  return {
    namespace,
    name,
    token,
    uuid: crypto.randomUUID(),
    labels: { ...labels },
    reports: [],
    status: ExporterStatus.EXPORTER_STATUS_UNSPECIFIED,
    message: "",
    history: [],
    streams: 0,
    lastSeen: 0,
    reconciled: true,
  };
}

/** Sets the controller's status of `exporter`. */
export function setStatus(exporter: ExporterRecord, status: ExporterStatus, message: string): void {
  exporter.status = status;
  exporter.message = message;
}

/** A lease that is not assigned yet; `fields` override the defaults. */
export function newLease(
  { namespace, name: client }: { namespace: string; name: string },
  fields: Partial<LeaseRecord>,
): LeaseRecord {
  return {
    namespace,
    name: crypto.randomUUID(),
    selector: "",
    exporterName: undefined,
    tags: {},
    context: {},
    client,
    durationMs: DEFAULT_DURATION_MS,
    requestedBegin: undefined,
    exporter: undefined,
    begin: undefined,
    end: undefined,
    endReason: undefined,
    ...fields,
  };
}

/** The key of a record in its map. */
export function key(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
