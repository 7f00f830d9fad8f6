/** `deno bench -A drivers/pyserial/echo_bench.ts`: a pty that echoes, through the driver. @module */
import { echo, openPty, openSerial, take } from "./testing.ts";

const pty = openPty();
const idle = openPty();
const serial = await openSerial({ url: pty.path });
const stream = await serial.connect();
void echo(pty.master);

const mebibyte = new Uint8Array(1 << 20);
const byte = Uint8Array.of(42);

Deno.bench("round trip of 1 byte", async () => {
  stream.write(byte);
  await take(stream, 1);
});

Deno.bench("echo of 1 MiB", async () => {
  stream.write(mebibyte);
  await take(stream, mebibyte.length);
});

Deno.bench("open and close", async () => {
  const other = await openSerial({ url: idle.path });
  await other.connect();
  await other[Symbol.asyncDispose]();
});
