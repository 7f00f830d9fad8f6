/** The inner RouterService: the byte streams of drivers. @module */
import { addAbortSignal, type Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import { toServiceError } from "../wire/error.ts";
import { isKnownEncoding } from "../driver/resources/encoding.ts";
import { serverBytes } from "../wire/frames.ts";
import type {
  RouterServiceServer,
  StreamRequest,
  StreamResponse,
} from "../wire/gen/jumpstarter/v1/router.ts";
import { join } from "../wire/join.ts";
import { metadataOf, parseStreamTarget, type StreamTarget } from "./calls.ts";
import type { SessionState } from "./session.ts";

type ResourceTarget = StreamTarget & { kind: "resource" };
type StreamCall = ServerDuplexStream<StreamRequest, StreamResponse>;

/** The service over one session. */
export function streamService(session: SessionState): RouterServiceServer {
  return { stream: (call) => void serve(session, call) };
}

async function serve(session: SessionState, call: StreamCall): Promise<void> {
  using running = session.calls.enter(call);
  const { signal } = running;
  try {
    const target = parseStreamTarget(call.metadata);
    await session.admit(signal);
    if (target.kind === "resource") await offer(session, call, target, signal);
    else {
      const device = await session.drivers.bytes(target.uuid, target.method, { signal });
      await carry(call, device, signal);
    }
  } catch (error) {
    if (!call.cancelled) call.emit("error", toServiceError(error));
  }
}

async function carry(call: StreamCall, device: Duplex, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return void device.destroy();
  // A client sends nothing before it has the headers.
  call.sendMetadata(new Metadata());
  const client = serverBytes(call);
  const leave = () => client.destroy();
  signal.addEventListener("abort", leave);
  // What breaks a stream from here on, its client has been told by the call's status.
  await join(client, device).catch(() => {});
  signal.removeEventListener("abort", leave);
}

/** Holds the client's bytes ready for the driver's calls, for as long as the client stays. */
async function offer(
  session: SessionState,
  call: StreamCall,
  { uuid, encoding }: ResourceTarget,
  signal: AbortSignal,
): Promise<void> {
  const streams = session.drivers.streamsOf(uuid);
  const client = serverBytes(call);
  const handle = streams.offer(client, encoding);
  call.sendMetadata(metadataOf({
    resource: JSON.stringify(handle),
    // Empty means that we cannot; without the key official clients would fail of themselves.
    x_jmp_accept_encoding: encoding !== null && isKnownEncoding(encoding) ? encoding : "",
  }));
  addAbortSignal(signal, client);
  // A client that leaves breaks the call that reads its bytes, where it is told.
  await finished(client).catch(() => {});
}
