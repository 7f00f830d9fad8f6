/**
 * A party of the router: raw bytes, or frame by frame.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { RouterServiceService } from "../../src/wire/gen/jumpstarter/v1/router.ts";
import type { ClientCall } from "../../src/wire/grpc/client_call.ts";
import type { Status } from "../../src/wire/grpc/status.ts";
import { clientBytes } from "../../src/wire/router/client_bytes.ts";
import { FrameCall } from "../../src/wire/router/testing.ts";
import { connect } from "./connection.ts";

/** Options of a tunnel. */
export interface TunnelOptions {
  /** The router's host and port. */
  readonly endpoint: string;
  readonly token: string;
  readonly caPem: string;
}

/** Raw bytes through the router; the end of either direction crosses as a GOAWAY frame. */
export interface Tunnel {
  /** Destroying it ends the call at once, without a word to the peer. */
  readonly bytes: Duplex;
  /** How the call ended. */
  readonly status: Promise<Status>;
}

/** Opens a tunnel on a connection of its own. */
export async function openTunnel(options: TunnelOptions): Promise<Tunnel> {
  const call = await openCall(options);
  return { bytes: clientBytes(call), status: call.status };
}

/** The same, frame by frame. */
export async function openFrames(options: TunnelOptions): Promise<FrameCall> {
  return new FrameCall(await openCall(options));
}

async function openCall({ endpoint, token, caPem }: TunnelOptions): Promise<ClientCall> {
  const client = await connect(endpoint, caPem);
  const metadata = [["authorization", `Bearer ${token}`]] as const;
  const call = client.call(RouterServiceService.stream.path, { metadata });
  call.status.then(() => client[Symbol.dispose]());
  return call;
}
