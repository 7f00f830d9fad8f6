/**
 * The objects that a controller keeps in Kubernetes, as plain records, and the one
 * rule about them that has no caller: who is given which exporter, and until when.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { parseSelector } from "./names.ts";
import type { ClientRecord, ExporterRecord, LeaseRecord } from "./records.ts";

/** @see Store */
export interface StoreOptions {
  /** After this many milliseconds without a Status stream an exporter is Offline. @default 60000 */
  readonly offlineAfterMs?: number;
}

const LEASABLE = [
  ExporterStatus.EXPORTER_STATUS_AVAILABLE,
  ExporterStatus.EXPORTER_STATUS_UNSPECIFIED,
];
/** The longest that a timer can sleep. */
const LONGEST_MS = 2 ** 31 - 1;

/** Every object, and the clock that ends leases and declares exporters offline. */
export class Store {
  readonly exporters = new Map<string, ExporterRecord>();
  readonly clients = new Map<string, ClientRecord>();
  readonly leases = new Map<string, LeaseRecord>();
  /** Every token that was ever issued to an exporter: its signature stays valid. */
  readonly issued = new Set<string>();
  readonly #offlineAfterMs: number;
  readonly #watchers = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor({ offlineAfterMs = 60_000 }: StoreOptions = {}) {
    this.#offlineAfterMs = offlineAfterMs;
  }

  /** Calls `watcher` after every change until disposed. */
  watch(watcher: () => void): Disposable {
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  /** Call it after any change of a record: assigns exporters and notifies the watchers. */
  changed(): void {
    this.#expire();
    for (const lease of this.leases.values()) this.#assign(lease);
    for (const watcher of [...this.#watchers]) watcher();
    this.#schedule();
  }

  /** The lease that `exporter` refers to. */
  leaseOf(exporter: ExporterRecord): LeaseRecord | undefined {
    return exporter.reconciled ? this.#holder(exporter) : undefined;
  }

  /** The lease that names `exporter`. */
  #holder(exporter: ExporterRecord): LeaseRecord | undefined {
    return [...this.leases.values()].find((lease) =>
      lease.namespace === exporter.namespace && lease.exporter === exporter.name && !lease.end
    );
  }

  /** How often a Status stream reports its exporter as online, in milliseconds. */
  get heartbeatMs(): number {
    return Math.min(10_000, this.#offlineAfterMs / 6);
  }

  /** Whether the controller considers `exporter` online. */
  online(exporter: ExporterRecord): boolean {
    if (exporter.status === ExporterStatus.EXPORTER_STATUS_OFFLINE) return false;
    if (exporter.lastSeen === 0) return false;
    return exporter.streams > 0 || Date.now() - exporter.lastSeen < this.#offlineAfterMs;
  }

  /** The exporters that `lease` may be given, busy or not. */
  candidates(lease: LeaseRecord): ExporterRecord[] {
    const matches = parseSelector(lease.selector);
    return [...this.exporters.values()].filter((exporter) =>
      exporter.namespace === lease.namespace && matches(exporter.labels) &&
      (lease.exporterName === undefined || lease.exporterName === exporter.name)
    );
  }

  /** Ends `lease`; does nothing if it has ended. {@linkcode changed} is left to the caller. */
  end(lease: LeaseRecord, reason: "Released" | "Expired" = "Released"): void {
    if (lease.end) return;
    lease.end = new Date();
    lease.endReason = reason;
  }

  /** Forgets leases, registrations and statuses; exporters and clients stay known. */
  lose(): void {
    this.leases.clear();
    for (const exporter of this.exporters.values()) {
      Object.assign(exporter, {
        reports: [],
        status: ExporterStatus.EXPORTER_STATUS_UNSPECIFIED,
        message: "",
        lastSeen: 0,
      });
    }
    this.changed();
  }

  /** Stops the clock until {@linkcode start}. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Lets the clock run again and does what was due meanwhile. */
  start(): void {
    this.#stopped = false;
    this.changed();
  }

  #assign(lease: LeaseRecord): void {
    if (lease.exporter || lease.end || Number(lease.requestedBegin ?? 0) > Date.now()) return;
    const exporter = this.candidates(lease).find((candidate) =>
      candidate.reports.length > 0 && this.online(candidate) &&
      LEASABLE.includes(candidate.status) && !this.#holder(candidate)
    );
    if (!exporter) return;
    lease.exporter = exporter.name;
    lease.begin = new Date();
  }

  #expire(): void {
    const now = Date.now();
    for (const lease of this.leases.values()) {
      if (lease.begin && now >= Number(lease.begin) + lease.durationMs) this.end(lease, "Expired");
    }
    for (const exporter of this.exporters.values()) {
      if (this.online(exporter) || exporter.lastSeen === 0) continue;
      exporter.status = ExporterStatus.EXPORTER_STATUS_OFFLINE;
      exporter.message = "Connection lost";
    }
  }

  /** One timer for the next timed change. */
  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    const next = Math.min(...this.#dates().filter((time) => time > Date.now()));
    if (next === Infinity) return;
    this.#timer = setTimeout(() => this.changed(), Math.min(next - Date.now(), LONGEST_MS));
  }

  #dates(): number[] {
    const leases = [...this.leases.values()].filter((lease) => !lease.end);
    return [
      ...leases.map((lease) => lease.begin ? Number(lease.begin) + lease.durationMs : 0),
      ...leases.map((lease) => Number(lease.requestedBegin ?? 0)),
      ...[...this.exporters.values()]
        .filter((exporter) => exporter.streams === 0)
        .map((exporter) => exporter.lastSeen + this.#offlineAfterMs),
    ];
  }
}
