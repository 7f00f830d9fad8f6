/**
 * Dial: gives both parties of a new tunnel the same endpoint and token, where the
 * exporter's last reported status allows it.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { DialResponse } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { Hub } from "./hub.ts";
import { Code, RpcError } from "./rpc_error.ts";
import { type ClientRecord, type ExporterRecord, key, type LeaseRecord } from "./records.ts";
import { signToken } from "./token.ts";

const OPEN = [
  ExporterStatus.EXPORTER_STATUS_UNSPECIFIED,
  ExporterStatus.EXPORTER_STATUS_LEASE_READY,
  ExporterStatus.EXPORTER_STATUS_BEFORE_LEASE_HOOK,
  ExporterStatus.EXPORTER_STATUS_AFTER_LEASE_HOOK,
];
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 3000;

/** A new tunnel to the exporter of the lease `name`. @throws {RpcError} where it may not be opened */
export async function dial(
  hub: Hub,
  client: ClientRecord,
  name: string,
  signal: AbortSignal,
): Promise<DialResponse> {
  const lease = hub.store.leases.get(key(client.namespace, name));
  if (!lease) throw new RpcError(Code.NOT_FOUND, `leases.jumpstarter.dev "${name}" not found`);
  if (lease.client !== client.name) throw new RpcError(Code.PERMISSION_DENIED, "permission denied");
  const exporter = exporterOf(hub, lease);
  await untilOpen(hub, exporter, signal);
  const routerToken = signToken(hub.secret, crypto.randomUUID(), hub.tokenLifetimeMs);
  const response = { routerEndpoint: hub.routerEndpoint, routerToken };
  hub.listeners.offer(key(lease.namespace, name), name, response);
  return response;
}

function exporterOf(hub: Hub, lease: LeaseRecord): ExporterRecord {
  if (lease.end) throw new RpcError(Code.FAILED_PRECONDITION, `lease ${lease.name} has ended`);
  const exporter = hub.store.exporters.get(key(lease.namespace, lease.exporter ?? ""));
  if (exporter) return exporter;
  throw new RpcError(Code.FAILED_PRECONDITION, `lease ${lease.name} has no exporter`);
}

/** Available means that the exporter has not seen its lease yet, so it is given some time. */
async function untilOpen(hub: Hub, exporter: ExporterRecord, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + hub.dialWaitMs;
  let pauseMs = Math.min(FIRST_PAUSE_MS, hub.dialWaitMs / 4);
  while (exporter.status === ExporterStatus.EXPORTER_STATUS_AVAILABLE && Date.now() < deadline) {
    await sleep(Math.min(pauseMs, deadline - Date.now()), undefined, { signal });
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
  if (OPEN.includes(exporter.status)) return;
  throw new RpcError(
    Code.FAILED_PRECONDITION,
    `exporter is not ready (status: ${statusName(exporter.status)})`,
  );
}

/** `EXPORTER_STATUS_LEASE_READY` as `LeaseReady`, the controller's word for it. */
export function statusName(status: ExporterStatus): string {
  const words = ExporterStatus[status]?.replace("EXPORTER_STATUS_", "").toLowerCase().split("_");
  return words?.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") ?? "";
}
