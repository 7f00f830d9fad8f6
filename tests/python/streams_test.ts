/** Byte streams of Python drivers that end early: the log tells why, once. */
import assert from "node:assert/strict";
import { deadPort, serve } from "../../drivers/network/testing.ts";
import { until } from "../until.ts";
import { exporterLab, FAULTY } from "./exporter_lab.ts";

const TCP = "jumpstarter_driver_network.driver.TcpNetwork", FAILING = "streams.Failing";

/** Opens a stream of a driver, runs `fault`, and returns what the log tells then: `driver: text`. */
async function told(
  driver: Record<string, unknown>,
  fault: () => Promise<void> | void = () => {},
): Promise<string[]> {
  await using bench = await exporterLab({ board: driver });
  const lease = await bench.lease();
  await lease.client.bytes(lease.uuid("board"), "connect").then(async (stream) => {
    const ended = new Promise((resolve) => stream.on("error", resolve).once("end", resolve));
    stream.resume();
    await fault();
    const lines = () => bench.running.records.some(({ severity }) => severity === "warning");
    await Promise.race([ended, until(lines)]);
    stream.destroy();
  }, () => {});
  await lease.end();
  return bench.running.records
    .filter(({ severity }) => severity !== "info" && severity !== "debug")
    .map(({ severity, logger, message }) => `${severity} ${logger}: ${message}`);
}

Deno.test("a stream that a Python driver cannot open is told once, in the driver's own words", async () => {
  assert.deepEqual(await told({ type: FAILING, config: { opens: false } }), [
    "warning board: board.connect failed: no board in slot 3",
  ]);
});

Deno.test("a connection that is refused to a Python driver is told with its cause", async () => {
  const port = await deadPort();
  const lines = await told({ type: TCP, python: true, config: { host: "127.0.0.1", port } });
  assert.deepEqual(lines, [
    "warning board: board.connect failed: All connection attempts failed: " +
    `[Errno 111] Connect call failed ('127.0.0.1', ${port})`,
  ]);
});

Deno.test("a Python driver that fails while its stream is used is told once", async () => {
  assert.deepEqual(await told({ type: FAILING }), [
    "warning board: board.connect failed: [Errno 5] the board burns",
  ]);
});

Deno.test("a connection of a Python driver that is reset is told once", async () => {
  const sockets: import("node:net").Socket[] = [];
  await using server = await serve((socket) => void sockets.push(socket.on("error", () => {})));
  const config = { host: "127.0.0.1", port: server.port };
  const lines = await told({ type: TCP, python: true, config }, async () => {
    await until(() => sockets.length > 0);
    sockets.forEach((socket) => socket.resetAndDestroy());
  });
  assert.deepEqual(lines, [
    "warning board: board.connect failed: [Errno 104] Connection reset by peer",
  ]);
});

Deno.test("a stream of a Python driver that ends regularly is not told", async () => {
  await using server = await serve((socket) => void socket.end("bye"));
  const config = { host: "127.0.0.1", port: server.port };
  assert.deepEqual(await told({ type: TCP, python: true, config }), []);
});

Deno.test("a process of Python drivers that is killed ends its streams with one warning", async () => {
  await using bench = await exporterLab({ board: { type: FAULTY } });
  const lease = await bench.lease();
  const stream = await lease.client.bytes(lease.uuid("board"), "connect");
  const failed = new Promise((resolve) => stream.on("error", resolve));
  const pid = await lease.call("board", "pid") as number;
  Deno.kill(pid, "SIGKILL");
  await failed;
  await lease.end();
  const warnings = bench.running.records.filter(({ severity }) => severity === "warning");
  assert.deepEqual(warnings.map(({ logger }) => logger), ["board"]);
  const reason = /^board\.connect failed: the Python drivers \(.+\) ended with signal SIGKILL$/;
  assert.match(warnings[0]!.message, reason);
});
