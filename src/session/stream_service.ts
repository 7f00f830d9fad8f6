/** The inner RouterService: byte streams of drivers, and bytes that clients offer. @module */
import { addAbortSignal } from "node:stream";
import { finished } from "node:stream/promises";
import { isKnownEncoding } from "../codec/encoding.ts";
import { joinDevice } from "../wire/router/device_join.ts";
import { serverBytes } from "../wire/router/server_bytes.ts";
import type { Method, Methods } from "../wire/grpc/methods.ts";
import type { Header } from "../wire/http2/header_table.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import { RouterServiceService } from "../wire/gen/jumpstarter/v1/router.ts";
import { passStream, remoteOf } from "./remote_calls.ts";
import type { SessionState } from "./session_state.ts";
import {
  ACCEPT_ENCODING_KEY,
  parseStreamTarget,
  REQUEST_KEY,
  RESOURCE_KEY,
  type StreamTarget,
} from "../wire/router/stream_target.ts";

type ResourceTarget = StreamTarget & { kind: "resource" };

/** The service of one session. */
export function streamService(session: SessionState): Methods {
  const stream: Method = (call) => serve(session, call);
  return new Map([[RouterServiceService.stream.path, stream]]);
}

/** Serves a stream to its end, and logs why it ended early. */
async function serve(session: SessionState, call: ServerCall): Promise<void> {
  let target: StreamTarget | undefined;
  try {
    target = parseStreamTarget(call.header(REQUEST_KEY));
    await join(session, call, target);
  } catch (error) {
    call.fail(error);
  }
  if (call.failure !== undefined) session.streamFailures.note(target, call.failure);
}

async function join(session: SessionState, call: ServerCall, target: StreamTarget): Promise<void> {
  const { signal } = call;
  if (target.kind === "driver") session.onCall?.(target.uuid, target.method);
  const remote = await remoteOf(session, call, target.uuid);
  if (remote) return await passStream(remote, call, target);
  await session.admit(call);
  if (target.kind === "resource") return await offer(session, call, target);
  const device = await session.drivers.bytes(target.uuid, target.method, { signal });
  if (signal.aborted) {
    device.destroy();
    throw signal.reason;
  }
  // Clients send nothing before they have the headers.
  call.begin();
  await joinDevice(call, device);
}

/** Keeps the client's bytes available to the driver's calls, as long as the client stays. */
async function offer(
  session: SessionState,
  call: ServerCall,
  { uuid, encoding }: ResourceTarget,
): Promise<void> {
  const streams = session.drivers.streamsOf(uuid);
  const client = serverBytes(call);
  const handle = streams.offer(client, encoding);
  const metadata: Header[] = [
    [RESOURCE_KEY, JSON.stringify(handle)],
    // Empty means that we cannot decode it; without the key, official clients would fail.
    [ACCEPT_ENCODING_KEY, encoding !== null && isKnownEncoding(encoding) ? encoding : ""],
  ];
  // When the client leaves, the call that reads its bytes fails and reports it.
  const over = finished(client).catch(() => {});
  addAbortSignal(call.signal, client);
  try {
    call.begin(metadata);
  } catch (error) {
    client.destroy(error as Error);
  }
  await over;
}
