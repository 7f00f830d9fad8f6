/** Passes calls of clients on to the processes that serve their drivers. @module */
import { Code } from "../wire/code.ts";
import { relayCall } from "../wire/grpc/relay.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import type { Status } from "../wire/grpc/status.ts";
import type { RemoteDrivers } from "../tree/driver_process.ts";
import { withUuid } from "../wire/driver_call.ts";
import { GoawayWatch } from "../wire/router/goaway_watch.ts";
import {
  formatStreamTarget,
  REQUEST_KEY,
  type StreamTarget,
} from "../wire/router/stream_target.ts";
import type { SessionState } from "./session_state.ts";

/**
 * The process that serves the driver `uuid`, once drivers may be called; undefined if this process
 * serves it, or answers for it.
 */
export async function remoteOf(
  { drivers, admit }: SessionState,
  call: ServerCall,
  uuid: string,
): Promise<RemoteDrivers | undefined> {
  if (!drivers.mayBeRemote(uuid)) return undefined;
  await admit(call);
  const remote = await drivers.remote(uuid);
  call.signal.throwIfAborted();
  return remote;
}

/** Passes on a call of the driver `uuid` whose only request was read already. */
export async function passCall(
  remote: RemoteDrivers,
  call: ServerCall,
  uuid: string,
  request: Uint8Array,
): Promise<void> {
  const { signal, share } = call;
  const passed = await remote.open(call.path, uuid, (remoteUuid) => {
    return {
      signal,
      share,
      request: remoteUuid === uuid ? request : withUuid(request, remoteUuid),
    };
  });
  await relayCall(call, passed.call, { explain: (status) => passed.explain(status) });
}

/** Passes on a byte stream of a driver, or bytes that a client offers to its calls. */
export async function passStream(
  remote: RemoteDrivers,
  call: ServerCall,
  target: StreamTarget,
): Promise<void> {
  const { signal, share } = call;
  const passed = await remote.open(call.path, target.uuid, (uuid) => {
    return { signal, share, metadata: [[REQUEST_KEY, formatStreamTarget({ ...target, uuid })]] };
  });
  // Official servers keep a stream that both sides have ended until the client's call is cancelled,
  // which official clients leave to their garbage collector.
  const watch = new GoawayWatch();
  await relayCall(call, passed.call, {
    explain: (status) => watch.seen && isGoodbye(status) ? noFailure : passed.explain(status),
    isLast: (bytes) => watch.read(bytes),
  });
}

const noFailure = Promise.resolve(undefined);

/** Official servers abort each stream that they end, after GOAWAY (`RouterStream.aclose`). */
function isGoodbye({ code }: Status): boolean {
  return code === Code.ABORTED;
}
