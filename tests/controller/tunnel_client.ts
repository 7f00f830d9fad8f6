/**
 * A client's end of a tunnel: the router's frames as a Node stream of raw bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { type ClientDuplexStream, credentials, Metadata } from "@grpc/grpc-js";
import {
  FrameType,
  type StreamRequest,
  type StreamResponse,
} from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { RouterServiceClient } from "../../src/wire/grpc_js/clients.ts";
import { OWN_SOCKET } from "./ask.ts";
import type { RpcError } from "./rpc_error.ts";

/** Options of a tunnel. */
export interface TunnelOptions {
  /** The router's host and port; by name, because grpc-js on Deno cannot use TLS with a bare IP. */
  readonly endpoint: string;
  readonly token: string;
  readonly caPem: string;
}

const CHUNK = 64 * 1024;
const WINDOW = 4 * 1024 * 1024;
const EMPTY = new Uint8Array();

/** Opens a tunnel; failures are emitted as its `error` event. */
export function openTunnel({ endpoint, token, caPem }: TunnelOptions): Tunnel {
  const client = new RouterServiceClient(endpoint, credentials.createSsl(Buffer.from(caPem)), {
    ...OWN_SOCKET,
    "grpc-node.flow_control_window": WINDOW,
  });
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return new Tunnel(client, client.stream(metadata));
}

/** Raw bytes through the router; the end of either direction crosses as a GOAWAY frame. */
export class Tunnel extends Duplex {
  readonly #client: RouterServiceClient;
  /** The RPC itself, for tests of single frames. */
  readonly call: ClientDuplexStream<StreamRequest, StreamResponse>;
  /** Settles when the RPC is over, with its code. */
  readonly status: Promise<number>;
  #ended = false;

  constructor(
    client: RouterServiceClient,
    call: ClientDuplexStream<StreamRequest, StreamResponse>,
  ) {
    super();
    this.#client = client;
    this.call = call;
    this.status = new Promise((resolve) => call.once("status", ({ code }) => resolve(code)));
    call.on("data", (frame: StreamResponse) => this.#receive(frame));
    call.on("end", () => this.#finishReading());
    call.on("error", (error: RpcError) => this.destroy(this.#ended ? undefined : error));
  }

  override _read(): void {
    this.call.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    let ready = true;
    for (let start = 0; start < chunk.length; start += CHUNK) {
      const payload = chunk.subarray(start, start + CHUNK);
      ready = this.call.write({ payload, frameType: FrameType.FRAME_TYPE_DATA });
    }
    if (ready) done();
    else this.call.once("drain", done);
  }

  override _final(done: () => void): void {
    this.call.write({ payload: EMPTY, frameType: FrameType.FRAME_TYPE_GOAWAY });
    this.call.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // After both GOAWAYs the RPC may end by itself; anything else is an abrupt end.
    if (!this.#ended || !this.writableFinished) this.call.cancel();
    this.#client.close();
    done(error);
  }

  /** Ends the RPC at once, without notifying the peer. */
  cancel(): void {
    this.call.cancel();
    this.destroy();
  }

  #receive({ payload, frameType }: StreamResponse): void {
    if (frameType === FrameType.FRAME_TYPE_GOAWAY) return this.#finishReading();
    if (frameType !== FrameType.FRAME_TYPE_DATA || payload.length === 0 || this.#ended) return;
    if (!this.push(payload)) this.call.pause();
  }

  #finishReading(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.push(null);
  }
}
