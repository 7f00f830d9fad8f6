/** The inner RouterService: the byte streams of drivers. @module */
import type { Duplex } from "node:stream";
import { Metadata, type ServerDuplexStream } from "@grpc/grpc-js";
import { DriverError, toServiceError } from "../wire/error.ts";
import { serverBytes } from "../wire/frames.ts";
import type {
  RouterServiceServer,
  StreamRequest,
  StreamResponse,
} from "../wire/gen/jumpstarter/v1/router.ts";
import { join } from "../wire/join.ts";
import { parseStreamTarget } from "./calls.ts";
import type { SessionState } from "./session.ts";

type StreamCall = ServerDuplexStream<StreamRequest, StreamResponse>;

/** The service over one session. */
export function streamService(session: SessionState): RouterServiceServer {
  return { stream: (call) => void serve(session, call) };
}

async function serve(session: SessionState, call: StreamCall): Promise<void> {
  using running = session.calls.enter(call);
  const { signal } = running;
  try {
    const device = await open(session, call, signal);
    await carry(call, device, signal);
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

async function open(session: SessionState, call: StreamCall, signal: AbortSignal): Promise<Duplex> {
  const target = parseStreamTarget(call.metadata);
  if (target.kind === "resource") {
    throw new DriverError("Cannot open a resource: no driver of this version takes one");
  }
  await session.admit(signal);
  return await session.drivers.bytes(target.uuid, target.method, { signal });
}
