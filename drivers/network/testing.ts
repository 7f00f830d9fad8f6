/** Helpers for the tests of this family: open drivers, and streams on real sockets. @module */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Driver, DriverManifest } from "../../src/driver/mod.ts";
import { openDriver } from "../../src/tree/testing.ts";

/** An open driver; disposing it ends the lease. */
export interface Opened extends AsyncDisposable {
  readonly driver: Driver;
  /** Calls `connect`, as a client's stream does. */
  connect(signal?: AbortSignal): Promise<Duplex>;
  /** Calls `address`. */
  address(): Promise<unknown>;
}

/** Opens a driver as a lease does. */
export async function open(manifest: DriverManifest, config: unknown): Promise<Opened> {
  const opened = await openDriver(manifest, config, { path: "network" });
  return {
    driver: opened.driver,
    connect: (signal) => opened.bytes("connect", signal),
    address: () => opened.call("address"),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** A listening server. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** Serves half-open connections on an ephemeral port of 127.0.0.1, or on a path. */
export async function serve(onSocket: (socket: Socket) => void, path?: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    onSocket(socket);
  });
  await new Promise<void>((resolve) =>
    path ? server.listen(path, resolve) : server.listen(0, "127.0.0.1", resolve)
  );
  const address = server.address() as AddressInfo | string;
  return {
    port: typeof address === "string" ? 0 : address.port,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Reads a stream to its end. */
export async function readAll(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Reads the next `count` chunks of a stream, which stays open. */
export async function readChunks(stream: Duplex, count: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if (chunks.length === count) break;
  }
  return chunks;
}

/** A free port, on which no server listens. */
export async function deadPort(): Promise<number> {
  await using server = await serve(() => {});
  return server.port;
}
