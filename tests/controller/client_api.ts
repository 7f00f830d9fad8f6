/**
 * ClientService: the controller's interface for official clients.
 *
 * @module
 */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { Empty } from "../../src/wire/gen/google/protobuf/empty.ts";
import {
  type CreateLeaseRequest,
  Exporter,
  type GetExporterRequest,
  type GetLeaseRequest,
  Lease,
  type ListExportersRequest,
  ListExportersResponse,
  type ListLeasesRequest,
  ListLeasesResponse,
  RotateTokenResponse,
  type UpdateLeaseRequest,
} from "../../src/wire/gen/jumpstarter/client/v1/client.ts";
import { authenticateClient } from "./auth.ts";
import type { Hub } from "./hub.ts";
import { fromDuration, leaseMessage } from "./lease_message.ts";
import { parseResourceName, parseSelector, resourceName, selectorLabels } from "./names.ts";
import { type Empty as EmptyMessage, unary } from "./rpc.ts";
import { Code, RpcError } from "./rpc_error.ts";
import {
  type ClientRecord,
  DEFAULT_DURATION_MS,
  type ExporterRecord,
  key,
  type LeaseRecord,
  newLease,
} from "./records.ts";
import { identityToken } from "./token.ts";

const TOKEN_DAYS = 365;

/** The handlers of ClientService. */
export function clientApi(hub: Hub): UntypedServiceImplementation {
  const method = <Req, Res>(
    name: string,
    empty: EmptyMessage<Res>,
    handler: (hub: Hub, client: ClientRecord, request: Req) => Res,
  ) =>
    unary(hub, name, empty, (request: Req, { metadata }) => {
      return handler(hub, authenticateClient(hub.store, metadata), request);
    });
  return {
    getExporter: method("GetExporter", Exporter, getExporter),
    listExporters: method("ListExporters", ListExportersResponse, listExporters),
    getLease: method("GetLease", Lease, getLease),
    listLeases: method("ListLeases", ListLeasesResponse, listLeases),
    createLease: method("CreateLease", Lease, createLease),
    updateLease: method("UpdateLease", Lease, updateLease),
    deleteLease: method("DeleteLease", Empty, deleteLease),
    rotateToken: method("RotateToken", RotateTokenResponse, rotateToken),
  };
}

function getExporter(hub: Hub, client: ClientRecord, { name }: GetExporterRequest): Exporter {
  const found = parseResourceName(name, "exporters");
  const exporter = found?.namespace === client.namespace
    ? hub.store.exporters.get(key(found.namespace, found.name))
    : undefined;
  if (!exporter) throw notFound("exporters", name);
  return exporterMessage(hub, exporter);
}

function listExporters(
  hub: Hub,
  client: ClientRecord,
  { filter }: ListExportersRequest,
): ListExportersResponse {
  const matches = parseSelector(filter);
  const exporters = [...hub.store.exporters.values()]
    .filter(({ namespace, labels }) => namespace === client.namespace && matches(labels))
    .map((exporter) => exporterMessage(hub, exporter));
  return { exporters, nextPageToken: "" };
}

function exporterMessage({ store }: Hub, exporter: ExporterRecord): Exporter {
  return {
    name: resourceName(exporter.namespace, "exporters", exporter.name),
    labels: exporter.labels,
    online: store.online(exporter),
    status: exporter.status,
    statusMessage: exporter.message,
    enabled: true,
    deprecatedLabels: {},
  };
}

function getLease(hub: Hub, client: ClientRecord, { name }: GetLeaseRequest): Lease {
  return leaseMessage(hub.store, findLease(hub, client, name));
}

function listLeases(
  { store }: Hub,
  client: ClientRecord,
  { filter, onlyActive = true, tagFilter }: ListLeasesRequest,
): ListLeasesResponse {
  const matches = parseSelector(filter);
  const tagged = parseSelector(tagFilter);
  const leases = [...store.leases.values()]
    .filter((lease) => lease.namespace === client.namespace && !(onlyActive && lease.end))
    .filter((lease) => matches(selectorLabels(lease.selector)) && tagged(lease.tags))
    .map((lease) => leaseMessage(store, lease));
  return { leases, nextPageToken: "" };
}

function createLease(
  { store }: Hub,
  client: ClientRecord,
  { leaseId, lease: wish }: CreateLeaseRequest,
): Lease {
  if (!wish?.selector && !wish?.exporterName) {
    throw new RpcError(Code.INVALID_ARGUMENT, "one of selector or exporter_name is required");
  }
  const lease = newLease(client, {
    name: leaseId || crypto.randomUUID(),
    selector: wish.selector,
    exporterName: wish.exporterName || undefined,
    tags: wish.tags,
    context: wish.context,
    durationMs: wish.duration ? fromDuration(wish.duration) : DEFAULT_DURATION_MS,
    requestedBegin: wish.beginTime,
  });
  checkNew(store.leases, lease);
  store.leases.set(key(lease.namespace, lease.name), lease);
  store.changed();
  return leaseMessage(store, lease);
}

function checkNew(leases: Map<string, LeaseRecord>, { namespace, name, selector }: LeaseRecord) {
  if (leases.has(key(namespace, name))) {
    throw new RpcError(Code.ALREADY_EXISTS, `leases.jumpstarter.dev "${name}" already exists`);
  }
  try {
    parseSelector(selector);
  } catch (error) {
    throw new RpcError(Code.INVALID_ARGUMENT, (error as Error).message);
  }
}

function updateLease(
  hub: Hub,
  client: ClientRecord,
  { lease: wish, updateMask = [] }: UpdateLeaseRequest,
): Lease {
  const lease = ownLease(hub, client, wish?.name ?? "");
  if (updateMask.includes("duration") && wish?.duration) {
    lease.durationMs = fromDuration(wish.duration);
  }
  if (updateMask.includes("begin_time")) lease.requestedBegin = wish?.beginTime;
  if (updateMask.includes("client") && wish?.client) {
    lease.client = parseResourceName(wish.client, "clients")?.name ?? wish.client;
  }
  hub.store.changed();
  return leaseMessage(hub.store, lease);
}

function deleteLease(hub: Hub, client: ClientRecord, { name }: { name: string }): Empty {
  hub.store.end(ownLease(hub, client, name));
  hub.store.changed();
  return {};
}

function rotateToken({ store }: Hub, client: ClientRecord): RotateTokenResponse {
  client.token = identityToken(client.name);
  store.changed();
  return { token: client.token, expiry: new Date(Date.now() + TOKEN_DAYS * 86_400_000) };
}

function ownLease(hub: Hub, client: ClientRecord, name: string): LeaseRecord {
  const lease = findLease(hub, client, name);
  if (lease.client === client.name) return lease;
  throw new RpcError(Code.PERMISSION_DENIED, "permission denied");
}

function findLease({ store }: Hub, client: ClientRecord, path: string): LeaseRecord {
  const found = parseResourceName(path, "leases");
  const lease = found?.namespace === client.namespace
    ? store.leases.get(key(found.namespace, found.name))
    : undefined;
  if (!lease) throw notFound("leases", path);
  return lease;
}

function notFound(collection: string, name: string): RpcError {
  return new RpcError(Code.NOT_FOUND, `${collection}.jumpstarter.dev "${name}" not found`);
}
