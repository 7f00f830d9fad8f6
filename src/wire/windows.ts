/**
 * HTTP/2 receive windows. At the protocol's default of 64 KiB an upload is bound to
 * 64 KiB a round trip; the tunnel nests two connections, so both must be open.
 *
 * grpc-js has an option for its clients only. For servers it is set here on fields
 * that grpc-js does not publish; `windows_test.ts` fails when an update moves them.
 *
 * @module
 */
import type { Server } from "@grpc/grpc-js";
import type { ServerHttp2Session } from "node:http2";
import { endLater } from "./http2_guard.ts";

/** Bytes in flight per stream and per connection: 8 MiB is 400 MB/s at 20 ms. */
export const WINDOW_BYTES = 8 * 1024 * 1024;

/** The grpc-js option that opens a client's windows. */
export const CLIENT_WINDOW = { "grpc-node.flow_control_window": WINDOW_BYTES } as const;

interface ServerInternals {
  commonServerOptions: { settings?: Record<string, unknown> };
  createHttp2Server(credentials: unknown): {
    on(
      event: "session",
      listener: (session: ServerHttp2Session) => void,
    ): void;
  };
}

/** Opens the windows of `server`, and has its sessions end safely; call it before binding or injecting. */
export function openServerWindows(server: Server): void {
  const internals = server as unknown as ServerInternals;
  internals.commonServerOptions.settings = {
    ...internals.commonServerOptions.settings,
    initialWindowSize: WINDOW_BYTES,
  };
  const create = internals.createHttp2Server;
  internals.createHttp2Server = (credentials) => {
    const http2 = create.call(server, credentials);
    http2.on("session", (session) => {
      session.setLocalWindowSize(WINDOW_BYTES);
      endLater(session);
    });
    return http2;
  };
}
