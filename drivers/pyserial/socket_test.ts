import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { ConnectionFailed, Timeout } from "../../src/driver/mod.ts";
import { pyserial } from "./manifest.ts";
import { closed, openSerial, take } from "./testing.ts";

interface Server extends AsyncDisposable {
  readonly url: string;
}

async function serve(onSocket: (socket: Socket) => void): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `socket://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

Deno.test("socket:// carries bytes and the end of the client's input", async () => {
  await using server = await serve((socket) => socket.pipe(socket));
  await using serial = await openSerial({ url: server.url });
  const stream = await serial.connect();
  const sent = new Uint8Array(1 << 20).fill(7);
  stream.end(sent);
  let length = 0;
  for await (const chunk of stream) length += chunk.length;
  assert.equal(length, sent.length);
  await closed(stream);
});

Deno.test("socket:// reports a refused connection with its endpoint", async () => {
  let url = "";
  {
    await using server = await serve(() => {});
    url = server.url;
  }
  await using serial = await openSerial({ url });
  await assert.rejects(() => serial.connect(), (error) => {
    assert.ok(error instanceof ConnectionFailed);
    assert.match(error.message, new RegExp(`^Cannot connect to ${url}: .*ECONNREFUSED`));
    return true;
  });
});

Deno.test("socket:// ends when the server ends", async () => {
  await using server = await serve((socket) => socket.end("bye"));
  await using serial = await openSerial({ url: server.url });
  const stream = await serial.connect();
  let text = "";
  for await (const chunk of stream) text += chunk;
  assert.equal(text, "bye");
});

Deno.test("close() ends socket:// streams without an error", async () => {
  await using server = await serve((socket) => socket.write("hi"));
  await using serial = await openSerial({ url: server.url });
  const stream = await serial.connect();
  assert.equal(String(await take(stream, 2)), "hi");
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await serial.call("close");
  await ended;
  stream.write("not sent");
  assert.equal(stream.errored, null);
});

Deno.test("socket:// ignores modem lines, as the official driver does", async () => {
  await using serial = await openSerial({ url: "socket://127.0.0.1:1", disable_hupcl: true });
  await serial.call("set_dtr", true);
  assert.match(serial.logged.join(), /modem lines are ignored/);
});

Deno.test("a client that leaves while socket:// connects ends the attempt", async () => {
  // TEST-NET-1 (RFC 5737): no host answers, or the network reports it as unreachable.
  await using serial = await openSerial({ url: "socket://192.0.2.1:7" });
  const client = new AbortController();
  const connecting = serial.connect(client.signal);
  client.abort();
  await assert.rejects(() => connecting, (error) => !(error instanceof Timeout));
});

Deno.test("the config refuses sockets without a port", () => {
  for (const url of ["socket://host", "socket://host:99999", "socket://:9", "socket://host:0"]) {
    assert.match(
      String(pyserial.config.safeParse({ url }).error),
      /expected socket:\/\/host:port/,
      url,
    );
  }
  assert.ok(pyserial.config.safeParse({ url: "socket://[::1]:7?logging=debug" }).success);
});
