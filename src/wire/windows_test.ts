import assert from "node:assert/strict";
import http2 from "node:http2";
import { createServer, type Socket } from "node:net";
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { CLIENT_WINDOW, openServerWindows, WINDOW_BYTES } from "./windows.ts";

/** What a server says first: its SETTINGS, and how much the connection may send. */
async function greeting(port: number): Promise<{ stream: number; connection: number }> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  try {
    const stream = await new Promise<number>((resolve, reject) => {
      session.once("error", reject);
      session.once("remoteSettings", (settings) => resolve(settings.initialWindowSize!));
    });
    // The WINDOW_UPDATE of the connection follows the SETTINGS.
    await until(() => (session.state.remoteWindowSize ?? 0) >= WINDOW_BYTES);
    return { stream, connection: session.state.remoteWindowSize! };
  } finally {
    await new Promise<void>((resolve) => session.close(resolve));
  }
}

/** Gives `condition` two seconds to hold; whoever asks looks again. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !condition(); turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function bind(server: Server): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.bindAsync(
      "127.0.0.1:0",
      ServerCredentials.createInsecure(),
      (error, port) => error ? reject(error) : resolve(port),
    );
  });
}

Deno.test("openServerWindows() opens stream and connection on a bound port", async () => {
  const server = new Server();
  openServerWindows(server);
  try {
    const { stream, connection } = await greeting(await bind(server));
    assert.equal(stream, WINDOW_BYTES);
    assert.ok(connection >= WINDOW_BYTES, `connection window is ${connection}`);
  } finally {
    server.forceShutdown();
  }
});

Deno.test("openServerWindows() opens them on injected connections too", async () => {
  const server = new Server();
  openServerWindows(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets: Socket[] = [];
  const listener = createServer((socket) => {
    sockets.push(socket);
    injector.injectConnection(socket);
  });
  const port = await new Promise<number>((resolve) => {
    listener.listen(0, "127.0.0.1", () => resolve((listener.address() as { port: number }).port));
  });
  try {
    const { stream, connection } = await greeting(port);
    assert.equal(stream, WINDOW_BYTES);
    assert.ok(connection >= WINDOW_BYTES, `connection window is ${connection}`);
  } finally {
    server.forceShutdown();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
  }
});

Deno.test("CLIENT_WINDOW opens stream and connection of a client", async () => {
  const { promise: session, resolve } = Promise.withResolvers<http2.ServerHttp2Session>();
  const server = http2.createServer();
  server.on("session", resolve);
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  const client = new Client(
    `127.0.0.1:${port}`,
    credentials.createInsecure(),
    { ...CLIENT_WINDOW, "grpc.use_local_subchannel_pool": 1 },
  );
  try {
    client.waitForReady(Date.now() + 10_000, () => {});
    const peer = await session;
    await until(() => (peer.state.remoteWindowSize ?? 0) >= WINDOW_BYTES);
    assert.equal(peer.remoteSettings.initialWindowSize, WINDOW_BYTES);
    assert.ok(peer.state.remoteWindowSize! >= WINDOW_BYTES);
  } finally {
    client.close();
    (await session).destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
