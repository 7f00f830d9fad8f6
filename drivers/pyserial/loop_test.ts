import assert from "node:assert/strict";
import { closed, openSerial, send } from "./testing.ts";
import { until } from "../../tests/until.ts";

Deno.test("loop:// keeps the boundaries of the sender's chunks", async () => {
  await using serial = await openSerial({ url: "loop://" });
  const stream = await serial.connect();
  stream.write("hello");
  stream.write("world");
  stream.end();
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(String(chunk));
  assert.deepEqual(chunks, ["hello", "world"]);
});

Deno.test("loop:// is separate for each client", async () => {
  await using serial = await openSerial({ url: "loop://" });
  const [one, two] = await Promise.all([serial.connect(), serial.connect()]);
  await send(one!, "one");
  await send(two!, "two");
  assert.equal(String(one!.read()), "one");
  assert.equal(String(two!.read()), "two");
});

Deno.test("loop:// holds 32 chunks, then makes the sender wait", async () => {
  await using serial = await openSerial({ url: "loop://" });
  const stream = await serial.connect();
  for (let chunk = 0; chunk < 40; chunk++) stream.write(Uint8Array.of(chunk));
  await until(() => stream.readableLength === 32);
  stream.end();
  const chunks: number[] = [];
  for await (const chunk of stream) chunks.push(chunk[0]);
  assert.deepEqual(chunks, Array.from({ length: 40 }, (_, index) => index));
});

Deno.test("loop:// with cps makes a chunk of each byte", async () => {
  await using serial = await openSerial({ url: "loop://", cps: 1000 });
  const stream = await serial.connect();
  stream.end("hello");
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(String(chunk));
  assert.deepEqual(chunks, ["h", "e", "l", "l", "o"]);
});

Deno.test("cps of zero or less means no limit", async () => {
  await using serial = await openSerial({ url: "loop://", cps: -1 });
  const stream = await serial.connect();
  stream.end("hello");
  for await (const chunk of stream) assert.equal(String(chunk), "hello");
});

Deno.test("loop:// ignores modem lines, and close() leaves it open", async () => {
  await using serial = await openSerial({ url: "loop://" });
  const stream = await serial.connect();
  await serial.call("set_dtr", true);
  await serial.call("set_rts", false);
  await serial.call("close");
  await send(stream, "open");
  assert.equal(String(stream.read()), "open");
  stream.destroy();
  await closed(stream);
});
