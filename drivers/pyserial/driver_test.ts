import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { DeviceError } from "../../src/driver/mod.ts";
import { open } from "./driver.ts";
import type { PySerialConfig } from "./config.ts";
import { pyserial } from "./manifest.ts";
import { closed, echo, openFiles, openPty, openSerial, send, take } from "./testing.ts";
import { until } from "../../tests/until.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

Deno.test("connect() carries every byte value in both directions", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  await send(stream, ALL_BYTES);
  assert.deepEqual(await pty.receive(256), Buffer.from(ALL_BYTES));
  await pty.master.write(ALL_BYTES);
  assert.deepEqual(await take(stream, 256), Buffer.from(ALL_BYTES));
});

Deno.test("connect() echoes 1 MiB unchanged", async () => {
  const pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const echoed = echo(pty.master);
  const stream = await serial.connect();
  const sent = randomBytes(1 << 20);
  stream.write(sent);
  assert.ok(sent.equals(await take(stream, sent.length)));
  await pty[Symbol.asyncDispose]();
  await echoed;
});

Deno.test("a closed stream takes no bytes of the next one", async () => {
  const pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const echoed = echo(pty.master);
  for (let session = 0; session < 5; session++) {
    const stream = await serial.connect();
    const sent = randomBytes(131072);
    stream.write(sent);
    assert.ok(sent.equals(await take(stream, sent.length)), `session ${session}`);
    stream.destroy();
  }
  await pty[Symbol.asyncDispose]();
  await echoed;
});

Deno.test("destroy() closes the device although nothing was ever received", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  stream.resume();
  assert.equal(await pty.openings(), 1);
  stream.destroy();
  await closed(stream);
  await until(async () => await pty.openings() === 0);
});

Deno.test("the end of the lease closes the device under an open stream", async () => {
  await using pty = openPty();
  const serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  await serial[Symbol.asyncDispose]();
  assert.ok(stream.destroyed);
  assert.equal(await pty.openings(), 0);
  await assert.rejects(() => serial.connect(), /lease has ended/);
});

Deno.test("a client does not receive earlier input", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const first = await serial.connect();
  first.destroy();
  await closed(first);
  await pty.master.write(Buffer.from("stale\n"));
  const stream = await serial.connect();
  await pty.master.write(Buffer.from("fresh"));
  assert.equal(String(await take(stream, 5)), "fresh");
});

Deno.test("unplugging ends the stream after its last bytes", async () => {
  const pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  await pty.master.write(Buffer.from("last words"));
  assert.equal(String(await take(stream, 10)), "last words");
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await pty[Symbol.asyncDispose]();
  await ended;
  await send(stream, "too late");
  assert.equal(stream.errored, null);
  await assert.rejects(() => serial.connect(), DeviceError);
});

Deno.test("loss() tells why the stream ended, until the port is open again", async () => {
  const pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  assert.equal(await serial.call("loss"), null);
  stream.resume();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  await pty[Symbol.asyncDispose]();
  await ended;
  assert.equal(await serial.call("loss"), `${pty.path} hung up or was unplugged`);
});

Deno.test("loss() tells nothing about a port that was closed", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await serial.call("close");
  await ended;
  assert.equal(await serial.call("loss"), null);
});

Deno.test("flush() returns when the device has what clients have sent, however slow it is", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  const bytes = Buffer.alloc(20_000, "x");
  stream.write(bytes);
  let flushed = false;
  const flushing = serial.call("flush").then(() => flushed = true);
  // More than the kernel keeps for a terminal that nobody reads.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.ok(!flushed);
  await pty.receive(bytes.length);
  await flushing;
  assert.equal(stream.writableLength, 0);
});

Deno.test("scrollback begins with what clients of the lease have received", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const first = await serial.connect();
  await pty.master.write(Buffer.from("boot "));
  assert.equal(String(await take(first, 5)), "boot ");
  const second = await serial.scrollback();
  await pty.master.write(Buffer.from("login: "));
  assert.equal(String(await take(second, 12)), "boot login: ");
  first.destroy();
  await closed(first);
  await pty.master.write(Buffer.from("root"));
  assert.equal(String(await take(second, 4)), "root");
  second.destroy();
  await closed(second);
  const third = await serial.scrollback();
  assert.equal(String(await take(third, 16)), "boot login: root");
  await using next = await openSerial({ url: pty.path });
  third.destroy();
  await closed(third);
  const fresh = await next.scrollback();
  await pty.master.write(Buffer.from("new lease"));
  assert.equal(String(await take(fresh, 9)), "new lease");
});

Deno.test("two clients of a lease both receive the device's output, and both can send", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const [one, two] = await Promise.all([serial.connect(), serial.connect()]);
  await send(one!, "a");
  await send(two!, "b");
  assert.equal(String(await pty.receive(2)), "ab");
  await pty.master.write(Buffer.from("to all"));
  assert.equal(String(await take(one!, 6)), "to all");
  assert.equal(String(await take(two!, 6)), "to all");
  one!.destroy();
  await closed(one!);
  await pty.master.write(Buffer.from("to the other"));
  assert.equal(String(await take(two!, 12)), "to the other");
});

Deno.test("a client that reads nothing does not block the others, and is disconnected", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const [stuck, reader] = await Promise.all([serial.connect(), serial.connect()]);
  const fault = new Promise<Error>((resolve) => stuck!.once("error", resolve));
  const sent = randomBytes(3 << 20);
  const [received] = await Promise.all([take(reader!, sent.length), pty.master.write(sent)]);
  assert.ok(sent.equals(received));
  assert.match((await fault).message, /^Disconnected: .* 1 MiB behind the other clients/);
});

Deno.test("a reader that pauses slows down the device instead of filling memory", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  const sent = randomBytes(1 << 20);
  const written = pty.master.write(sent);
  await until(() => stream.readableLength >= 64 * 1024);
  assert.ok(stream.readableLength < 256 * 1024);
  assert.ok(sent.equals(await take(stream, sent.length)));
  await written;
});

Deno.test("a client that ends and leaves at once still has its bytes sent", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  const sent = randomBytes(64 * 1024);
  stream.end(sent);
  stream.destroy();
  assert.ok(sent.equals(await pty.receive(sent.length)));
  await closed(stream);
});

Deno.test("close() ends open streams, frees the device and is harmless without any", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  assert.equal(await serial.call("close"), undefined);
  const stream = await serial.connect();
  const ended = new Promise((resolve) => stream.once("end", resolve));
  stream.resume();
  await serial.call("close");
  assert.equal(await pty.openings(), 0);
  await ended;
  const next = await serial.connect();
  await pty.master.write(Buffer.from("again"));
  assert.equal(String(await take(next, 5)), "again");
});

Deno.test("close() ends a write that the device does not accept", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  const written = send(stream, randomBytes(1 << 20));
  await until(() => stream.writableLength > 0);
  await serial.call("close");
  await written;
});

Deno.test("cancelling while the device opens leaves it closed", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const client = new AbortController();
  const connecting = serial.connect(client.signal);
  client.abort();
  await assert.rejects(() => connecting, { name: "AbortError" });
  await until(async () => await pty.openings() === 0);
});

Deno.test("set_dtr() and set_rts() report that a pty has no modem lines", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const message = /Cannot set DTR of .*: expected a modem line, found .* \(ENOTTY\)/;
  await assert.rejects(() => serial.call("set_dtr", true), message);
  const stream = await serial.connect();
  await assert.rejects(() => serial.call("set_rts", false), /Cannot set RTS/);
  await pty.master.write(Buffer.from("still open"));
  assert.equal(String(await take(stream, 10)), "still open");
});

Deno.test("cps sends byte by byte, and a stream can be destroyed in between", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path, cps: 2 });
  const stream = await serial.connect();
  const fault = send(stream, "hello").catch((error: Error) => error);
  assert.equal(String(await pty.receive(1)), "h");
  stream.destroy();
  assert.ok(await fault instanceof Error);
});

Deno.test("100 sessions leave no descriptor behind", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const before = (await openFiles(/./)).length;
  for (let session = 0; session < 100; session++) {
    const stream = await serial.connect();
    stream.resume().destroy();
    await closed(stream);
  }
  await serial.call("close");
  assert.equal((await openFiles(/./)).length, before);
});

Deno.test("pyserial has the methods of the official driver, a break, and what j asks for", async () => {
  await using scope = new AsyncDisposableStack();
  const { signal } = new AbortController();
  const silent = () => {};
  const methods = open({
    config: pyserial.config.parse({ url: "loop://" }) as PySerialConfig,
    path: "serial",
    log: { debug: silent, info: silent, warning: silent, error: silent },
    scope,
    signal,
    children: new Map(),
  });
  assert.deepEqual(Object.keys(methods.calls!).sort(), [
    ...["close", "flush", "loss", "send_break", "set_dtr", "set_rts"],
  ]);
  assert.deepEqual(Object.keys(methods.bytes!), ["connect", "scrollback"]);
  assert.equal(methods.streams, undefined);
});

Deno.test("pyserial.config fills in the official defaults", () => {
  assert.deepEqual(pyserial.config.parse({ url: "/dev/ttyS0" }), {
    url: "/dev/ttyS0",
    baudrate: 115200,
    check_present: true,
    cps: null,
    disable_hupcl: false,
  });
});

Deno.test("pyserial.config refuses unknown keys, rates and schemes", () => {
  const problem = (config: unknown) => String(pyserial.config.safeParse(config).error?.message);
  assert.match(problem({ url: "/dev/ttyS0", baud: 9600 }), /baud/);
  assert.match(problem({ url: "/dev/ttyS0", baudrate: 0 }), />0/);
  assert.match(problem({ url: "foo://x" }), /loop:\/\/, found the unknown protocol 'foo'/);
  assert.match(problem({ url: "spy://x" }), /found 'spy:\/\/', which .* does not support/);
});

Deno.test("what a client left behind and the line does not take is told", async () => {
  await using pty = openPty();
  await using serial = await openSerial({ url: pty.path });
  const stream = await serial.connect();
  // More than a terminal keeps for its reader, which reads nothing.
  stream.end(new Uint8Array(200_000));
  stream.destroy();
  await closed(stream);
  const [warning, ...more] = serial.logged.filter((line) => line.startsWith("warning: "));
  assert.match(warning!, /not all of the last \d+ bytes of a client that has left were sent/);
  assert.deepEqual(more, []);
});
