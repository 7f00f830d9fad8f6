import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { ConnectionFailed, DeviceError, Timeout } from "../../src/driver/mod.ts";
import { closed, openSerial, send, take } from "./testing.ts";
import { escapeIac, subnegotiation, TELNET, TelnetDecoder } from "./telnet.ts";

const COM_PORT = 44;

/** A port of another host, whose line echoes. */
interface FarPort extends AsyncDisposable {
  readonly url: string;
  /** The settings in order, as `command value…`. */
  readonly settings: string[];
}

/** How a server may differ. */
interface Manners {
  readonly agrees?: boolean;
  readonly answers?: (command: number, value: number[]) => number[] | undefined;
}

async function serve({ agrees = true, answers = (_, value) => value }: Manners = {}) {
  const sockets = new Set<Socket>();
  const settings: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const decoder = new TelnetDecoder();
    socket.on("data", (chunk) => {
      const { data, events } = decoder.push(chunk as Uint8Array);
      for (const event of events) {
        if (event.kind === "option") {
          if (event.verb !== TELNET.WILL || event.option !== COM_PORT) continue;
          socket.write(Uint8Array.of(TELNET.IAC, agrees ? TELNET.DO : TELNET.DONT, COM_PORT));
          continue;
        }
        const [, command = 0, ...value] = event.bytes;
        settings.push([command, ...value].join(" "));
        const answer = answers(command, value);
        if (answer) socket.write(subnegotiation(COM_PORT, command + 100, ...answer));
      }
      if (data.length > 0) socket.write(escapeIac(data));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `rfc2217://127.0.0.1:${(server.address() as AddressInfo).port}`,
    settings,
    [Symbol.asyncDispose]: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  } satisfies FarPort;
}

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

Deno.test("rfc2217:// sets the line as opening a device does, and carries every byte", async () => {
  await using server = await serve();
  await using serial = await openSerial({ url: server.url, baudrate: 250000 });
  const stream = await serial.connect();
  // Rate, 8, N, 1, no flow control, DTR, RTS, and what was received before is dropped.
  assert.deepEqual(server.settings, [
    ...["1 0 3 208 144", "2 8", "3 1", "4 1", "5 1", "5 8", "5 11", "12 1"],
  ]);
  await send(stream, ALL_BYTES);
  assert.deepEqual([...await take(stream, 256)], [...ALL_BYTES]);
  stream.destroy();
  await closed(stream);
});

Deno.test("rfc2217:// sets lines on the open connection, or on one of its own", async () => {
  await using server = await serve();
  await using serial = await openSerial({ url: server.url });
  await serial.call("set_dtr", false);
  assert.equal(server.settings.at(-1), "5 9");
  const stream = await serial.connect();
  const before = server.settings.length;
  await serial.call("set_rts", false);
  assert.deepEqual(server.settings.slice(before), ["5 12"]);
  stream.destroy();
  await closed(stream);
});

Deno.test("rfc2217:// reports a server that does not support RFC 2217", async () => {
  await using server = await serve({ agrees: false });
  await using serial = await openSerial({ url: server.url });
  const error = await serial.connect().then(() => assert.fail(), (error) => error);
  assert.ok(error instanceof ConnectionFailed);
  assert.match(
    error.message,
    /expected an RFC 2217 server, found a refusal; use socket:\/\/host:port/,
  );
});

Deno.test("rfc2217:// names the setting that a server refuses", async () => {
  await using server = await serve({
    answers: (command, value) => command === 1 ? [0, 0, 37, 128] : value,
  });
  await using serial = await openSerial({ url: server.url });
  const error = await serial.connect().then(() => assert.fail(), (error) => error);
  assert.ok(error instanceof DeviceError);
  assert.match(error.message, /expected 115200 baud, found 0 0 37 128/);
});

Deno.test("rfc2217:// waits for answers no longer than its timeout", async () => {
  await using server = await serve({ answers: () => undefined });
  await using serial = await openSerial({ url: `${server.url}?timeout=0.1` });
  const error = await serial.connect().then(() => assert.fail(), (error) => error);
  assert.ok(error instanceof Timeout);
  assert.match(error.message, /to confirm 115200 baud within 0\.1 s/);
});

Deno.test("rfc2217:// does not wait for answers about lines with ign_set_control", async () => {
  await using server = await serve({
    answers: (command, value) => command === 5 ? undefined : value,
  });
  await using serial = await openSerial({ url: `${server.url}?ign_set_control` });
  const stream = await serial.connect();
  await send(stream, "hello");
  assert.equal(String(await take(stream, 5)), "hello");
  stream.destroy();
  await closed(stream);
});

Deno.test("rfc2217:// ends the stream with its connection", async () => {
  const server = await serve();
  await using serial = await openSerial({ url: server.url });
  const stream = await serial.connect();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await server[Symbol.asyncDispose]();
  await ended;
});
