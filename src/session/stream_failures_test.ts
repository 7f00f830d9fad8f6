import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { DeviceError } from "../driver/mod.ts";
import type { Methods } from "../driver/methods.ts";
import { openFrames } from "../wire/router/testing.ts";
import { until } from "../../tests/until.ts";
import { serveDrivers, type ServedSession } from "./testing.ts";

/** `logger: message` of each warning and error. */
function told({ records }: ServedSession): string[] {
  return records.filter(({ severity }) => severity !== "info" && severity !== "debug")
    .map(({ logger, message }) => `${logger}: ${message}`);
}

function serial(connect: () => Duplex | Promise<Duplex>): Record<string, Methods> {
  return { serial: { bytes: { connect } } };
}

function open(served: ServedSession, request: unknown = streamOf(served)) {
  return openFrames(served.grpc, request);
}

function streamOf(served: ServedSession, name = "serial", method = "connect") {
  return { kind: "driver", uuid: served.uuid(name), method };
}

const SENTENCE = "Cannot open /dev/ttyUSB0: expected a serial device, found nothing";

Deno.test("a stream that cannot be opened is told once, by its driver, with the driver's sentence", async () => {
  await using served = await serveDrivers(serial(() => Promise.reject(new DeviceError(SENTENCE))));
  const { details } = await open(served).status;
  assert.equal(details, SENTENCE);
  assert.deepEqual(told(served), [`serial: serial.connect failed: ${SENTENCE}`]);
});

Deno.test("clients read in their log stream why a stream ended", async () => {
  await using served = await serveDrivers(serial(() => Promise.reject(new DeviceError(SENTENCE))));
  await open(served).status;
  const reading = new AbortController();
  for await (const line of served.client.logs({ signal: reading.signal })) {
    if (line.severity !== "WARNING") continue;
    assert.equal(line.message, `serial.connect failed: ${SENTENCE}`);
    break;
  }
  reading.abort();
});

Deno.test("a device that fails while it is used is told once; what it sent before arrives", async () => {
  const device = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
  await using served = await serveDrivers(serial(() => device));
  const stream = open(served);
  await stream.metadata;
  device.push("boot");
  await until(() => stream.frames.length > 0);
  device.destroy(new DeviceError("the board burns"));
  assert.equal((await stream.status).details, "the board burns");
  assert.deepEqual(told(served), ["serial: serial.connect failed: the board burns"]);
});

Deno.test("a device that vanishes without a word is told, too", async () => {
  const device = new Duplex({ read() {} });
  await using served = await serveDrivers(serial(() => device));
  const stream = open(served);
  await stream.metadata;
  device.destroy();
  await stream.status;
  assert.deepEqual(told(served), ["serial: serial.connect failed: the device closed its stream"]);
});

Deno.test("what a client asks for in vain is told: no driver, no method, no stream", async () => {
  await using served = await serveDrivers(serial(() => new Duplex()));
  await open(served, streamOf(served, "nobody")).status;
  await open(served, streamOf(served, "serial", "dial")).status;
  await open(served, "{").status;
  const [driver, method, request, ...more] = told(served);
  assert.match(
    driver!,
    /^exporter: driver .+\.connect failed: no driver of this exporter has UUID/,
  );
  assert.match(method!, /^serial: serial\.dial failed: method dial not found on driver/);
  assert.match(request!, /^exporter: a stream failed: Cannot open a stream: 'request' is not JSON/);
  assert.deepEqual(more, []);
});

Deno.test("a normal end is not told, nor a client that leaves, nor the end of the session", async () => {
  const devices: Duplex[] = [];
  const connect = () => {
    const device = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    devices.push(device);
    return device;
  };
  const served = await serveDrivers(serial(connect));
  const ended = open(served);
  await ended.metadata;
  devices[0]!.push(null);
  ended.end();
  await ended.status;
  const cancelled = open(served);
  await cancelled.metadata;
  cancelled.cancel();
  await until(() => devices[1]!.destroyed);
  await open(served).metadata;
  await served[Symbol.asyncDispose]();
  assert.ok(devices[2]!.destroyed);
  assert.deepEqual(told(served), []);
});

Deno.test("a connection that breaks once the client has ended its side is not told", async () => {
  const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
  const device = new Duplex({ read() {}, final: (done) => done(reset) });
  await using served = await serveDrivers(serial(() => device));
  const stream = open(served);
  await stream.metadata;
  stream.end();
  assert.equal((await stream.status).details, "read ECONNRESET");
  assert.deepEqual(told(served), []);
});

Deno.test("a program that connects again without a pause does not flood the log", async () => {
  const served = await serveDrivers(serial(() => Promise.reject(new DeviceError(SENTENCE))));
  for (let attempt = 0; attempt < 100; attempt++) await open(served).status;
  await served[Symbol.asyncDispose]();
  const lines = told(served);
  assert.equal(lines.length, 6);
  assert.equal(
    lines.at(-1),
    `serial: serial.connect failed 95 times more within 5 s; the last time: ${SENTENCE}`,
  );
});
