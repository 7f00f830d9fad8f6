/**
 * A lease as clients see it.
 *
 * @module
 */
import { Lease } from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import type { Duration } from "../../src/wire/gen/google/protobuf/duration.ts";
import type { Condition } from "../../src/wire/gen/jumpstarter/v1/kubernetes.ts";
import { resourceName } from "./names.ts";
import { type LeaseRecord } from "./records.ts";
import type { Store } from "./state.ts";

/** The message for `lease`. */
export function leaseMessage(store: Store, lease: LeaseRecord): Lease {
  const { namespace, begin, end } = lease;
  const usedMs = begin ? Number(end ?? new Date()) - Number(begin) : undefined;
  return Lease.fromPartial({
    name: resourceName(namespace, "leases", lease.name),
    selector: lease.selector,
    exporterName: lease.exporterName,
    duration: toDuration(lease.durationMs),
    effectiveDuration: usedMs === undefined ? undefined : toDuration(usedMs),
    beginTime: lease.requestedBegin,
    effectiveBeginTime: begin,
    endTime: begin && new Date(Number(begin) + lease.durationMs),
    effectiveEndTime: end,
    client: resourceName(namespace, "clients", lease.client),
    exporter: lease.exporter ? resourceName(namespace, "exporters", lease.exporter) : "",
    conditions: conditions(store, lease),
    tags: lease.tags,
    context: lease.context,
  });
}

/** Clients look at Ready, Pending and Unsatisfiable, and take the last one as the newest. */
function conditions(store: Store, lease: LeaseRecord): Condition[] {
  if (lease.end) {
    return [condition("Ready", false, lease.endReason ?? "Released", "lease has ended")];
  }
  if (lease.exporter) {
    return [
      condition("Pending", false, "Ready", ""),
      condition("Ready", true, "Ready", "an exporter has been acquired"),
    ];
  }
  if (store.candidates(lease).length === 0) {
    const reason = condition("Unsatisfiable", true, "NoMatch", "no exporter matches the selector");
    return [condition("Ready", false, "NoMatch", ""), reason];
  }
  return [
    condition("Pending", true, "NotAvailable", "waiting for an exporter"),
    condition("Ready", false, "NotAvailable", ""),
  ];
}

function condition(type: string, holds: boolean, reason: string, message: string): Condition {
  const lastTransitionTime = { seconds: Math.floor(Date.now() / 1000), nanos: 0 };
  return { type, status: holds ? "True" : "False", reason, message, lastTransitionTime };
}

/** Milliseconds as a protobuf duration. */
export function toDuration(ms: number): Duration {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.round((ms - seconds * 1000) * 1e6) };
}

/** A protobuf duration in milliseconds. */
export function fromDuration({ seconds, nanos }: Duration): number {
  return seconds * 1000 + nanos / 1e6;
}
