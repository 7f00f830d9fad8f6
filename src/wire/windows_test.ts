import assert from "node:assert/strict";
import http2 from "node:http2";
import { createServer, type Socket } from "node:net";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { openServerWindows, WINDOW_BYTES } from "./windows.ts";

/** What a server says first: its SETTINGS, and how much the connection may send. */
async function greeting(port: number): Promise<{ stream: number; connection: number }> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  try {
    const stream = await new Promise<number>((resolve, reject) => {
      session.once("error", reject);
      session.once("remoteSettings", (settings) => resolve(settings.initialWindowSize!));
    });
    // The WINDOW_UPDATE of the connection follows the SETTINGS.
    for (let turn = 0; turn < 100 && (session.state.remoteWindowSize ?? 0) < WINDOW_BYTES; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return { stream, connection: session.state.remoteWindowSize! };
  } finally {
    await new Promise<void>((resolve) => session.close(resolve));
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
