/**
 * The Status stream: it is authenticated once, when it is opened, and then watches whatever
 * object has the exporter's name. Every ten seconds it reports the exporter as online.
 *
 * @module
 */
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { StatusResponse } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { Hub } from "./hub.ts";
import { type ExporterRecord, key, setStatus } from "./records.ts";
import type { OutStream } from "./rpc.ts";
import { Code, RpcError } from "./rpc_error.ts";

/** The current state at once, then every state that differs from the one before it. */
export function serveStatus(
  hub: Hub,
  exporter: ExporterRecord,
  stream: OutStream<StatusResponse>,
): void {
  const { store } = hub;
  const id = key(exporter.namespace, exporter.name);
  stream.owner = id;
  let watched = exporter;
  watched.streams++;
  watched.lastSeen = Date.now();
  if (watched.status === ExporterStatus.EXPORTER_STATUS_OFFLINE) {
    setStatus(watched, ExporterStatus.EXPORTER_STATUS_UNSPECIFIED, "");
  }
  let last: string | undefined;
  const send = () => {
    const found = store.exporters.get(id) ?? watched;
    if (found !== watched) {
      watched.streams--;
      watched = found;
      watched.streams++;
    }
    const state = currentState(hub, watched);
    const encoded = StatusResponse.encode(state).finish().toString();
    if (encoded === last) return;
    last = encoded;
    stream.write(state);
  };
  send();
  const watch = store.watch(send);
  const stop = heartbeat(hub, id, stream);
  stream.onClose(() => {
    stop();
    watch[Symbol.dispose]();
    watched.streams--;
    watched.lastSeen = Date.now();
    store.changed();
  });
  store.changed();
}

/** The stream notices a deleted object at the second check. */
function heartbeat({ store }: Hub, id: string, stream: OutStream<StatusResponse>): () => void {
  let missed = 0;
  const timer = setInterval(() => {
    const exporter = store.exporters.get(id);
    if (exporter) {
      missed = 0;
      exporter.lastSeen = Date.now();
      store.changed();
    } else if (++missed === 2) {
      stream.end(new RpcError(Code.UNKNOWN, "last seen time mismatch"));
    }
  }, store.heartbeatMs);
  return () => clearInterval(timer);
}

function currentState({ store, old }: Hub, exporter: ExporterRecord): StatusResponse {
  const lease = store.leaseOf(exporter);
  if (!lease) return { leased: false, context: {} };
  const context = old ? {} : lease.context;
  return { leased: true, leaseName: lease.name, clientName: lease.client, context };
}
