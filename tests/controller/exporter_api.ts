/**
 * ControllerService: the calls of exporters, and the two calls of clients.
 *
 * @module
 */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import {
  DialResponse,
  GetServiceEndpointsResponse,
  type ListenRequest,
  type ListenResponse,
  type RegisterRequest,
  RegisterResponse,
  type ReleaseLeaseRequest,
  ReleaseLeaseResponse,
  type ReportStatusRequest,
  ReportStatusResponse,
  type StatusResponse,
  UnregisterResponse,
} from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { authenticateClient, authenticateExporter, kindOf } from "./auth.ts";
import { dial } from "./dial.ts";
import type { Hub } from "./hub.ts";
import { type CallContext, type OutStream, streaming, unary } from "./rpc.ts";
import { Code, RpcError } from "./rpc_error.ts";
import { type ExporterRecord, key, type LeaseRecord, setStatus } from "./records.ts";
import type { Store } from "./state.ts";
import { serveStatus } from "./status.ts";

const OWN_LABELS = "jumpstarter.dev/";

/** The handlers of ControllerService; missing ones are UNIMPLEMENTED, as in an old controller. */
export function exporterApi(hub: Hub): UntypedServiceImplementation {
  const { store } = hub;
  const exporterOf = (context: CallContext) => authenticateExporter(store, context.metadata);
  const everywhere: UntypedServiceImplementation = {
    register: unary(hub, "Register", RegisterResponse, (request: RegisterRequest, context) => {
      return register(store, exporterOf(context), request);
    }),
    unregister: unary(hub, "Unregister", UnregisterResponse, (_request, context) => {
      return unregister(hub, exporterOf(context));
    }),
    status: streaming(hub, "Status", (_request, stream: OutStream<StatusResponse>, context) => {
      serveStatus(hub, exporterOf(context), stream);
    }),
    listen: streaming(
      hub,
      "Listen",
      (request: ListenRequest, stream: OutStream<ListenResponse>, context) => {
        serveListen(hub, exporterOf(context), request, stream);
      },
    ),
    dial: unary(hub, "Dial", DialResponse, (request: { leaseName: string }, context) => {
      const client = authenticateClient(store, context.metadata);
      return dial(hub, client, request.leaseName, context.signal);
    }),
    releaseLease: unary(
      hub,
      "ReleaseLease",
      ReleaseLeaseResponse,
      (request: ReleaseLeaseRequest, context) => release(hub, request, context),
    ),
  };
  return { ...everywhere, ...(hub.old === true ? {} : statusApi(hub, exporterOf)) };
}

function statusApi(
  hub: Hub,
  exporterOf: (context: CallContext) => ExporterRecord,
): UntypedServiceImplementation {
  const reportStatus = unary(
    hub,
    "ReportStatus",
    ReportStatusResponse,
    (request: ReportStatusRequest, context) => {
      return report(hub.store, exporterOf(context), request);
    },
  );
  if (hub.old) return { reportStatus };
  const getServiceEndpoints = unary(
    hub,
    "GetServiceEndpoints",
    GetServiceEndpointsResponse,
    (_request, context) => {
      exporterOf(context);
      return { telemetryEndpoints: [] };
    },
  );
  return { reportStatus, getServiceEndpoints };
}

function register(
  store: Store,
  exporter: ExporterRecord,
  { labels, reports }: RegisterRequest,
): RegisterResponse {
  const isOwn = ([name]: [string, string]) => name.startsWith(OWN_LABELS);
  const kept = Object.entries(exporter.labels).filter((label) => !isOwn(label));
  exporter.labels = Object.fromEntries([...kept, ...Object.entries(labels).filter(isOwn)]);
  exporter.reports = reports;
  exporter.lastSeen = Date.now();
  store.changed();
  return { uuid: exporter.uuid };
}

/** Old controllers only forget the devices, and notify nobody. */
function unregister({ store, old }: Hub, exporter: ExporterRecord): UnregisterResponse {
  exporter.reports = [];
  if (!old) setStatus(exporter, ExporterStatus.EXPORTER_STATUS_OFFLINE, "Exporter unregistered");
  store.changed();
  return {};
}

function report(
  store: Store,
  exporter: ExporterRecord,
  { status, message = "", releaseLease }: ReportStatusRequest,
): ReportStatusResponse {
  const time = Date.now();
  exporter.history.push({ status, message, time });
  exporter.lastSeen = time;
  setStatus(exporter, status, message);
  const lease = releaseLease ? store.leaseOf(exporter) : undefined;
  if (lease) store.end(lease);
  store.changed();
  return {};
}

function serveListen(
  hub: Hub,
  exporter: ExporterRecord,
  { leaseName }: ListenRequest,
  stream: OutStream<ListenResponse>,
): void {
  stream.owner = key(exporter.namespace, exporter.name);
  const id = key(exporter.namespace, leaseName);
  const lease = hub.store.leases.get(id);
  if (!lease) {
    throw new RpcError(Code.UNKNOWN, `leases.jumpstarter.dev "${leaseName}" not found`);
  }
  if (lease.exporter !== exporter.name) throw new RpcError(Code.UNKNOWN, "permission denied");
  hub.listeners.open(id, stream);
}

/** Allowed for the exporter that has the lease and for the client that owns it, also twice. */
function release(
  { store, old }: Hub,
  { name }: ReleaseLeaseRequest,
  { metadata }: CallContext,
): ReleaseLeaseResponse {
  const byExporter = kindOf(metadata) === "Exporter" && !old;
  const caller = byExporter
    ? authenticateExporter(store, metadata)
    : authenticateClient(store, metadata);
  const lease = store.leases.get(key(caller.namespace, name));
  if (!lease) throw new RpcError(Code.NOT_FOUND, `leases.jumpstarter.dev "${name}" not found`);
  const owner = byExporter ? lease.exporter : lease.client;
  if (owner !== caller.name) throw refusal(lease, byExporter);
  store.end(lease);
  store.changed();
  return {};
}

function refusal({ name }: LeaseRecord, byExporter: boolean): RpcError {
  return byExporter
    ? new RpcError(Code.FAILED_PRECONDITION, `lease ${name} is not held by this exporter`)
    : new RpcError(Code.PERMISSION_DENIED, "permission denied");
}
