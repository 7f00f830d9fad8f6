import assert from "node:assert/strict";
import { duplexPair, PassThrough } from "node:stream";
import { SessionClient } from "../client/session_client.ts";
import { DuplexLink } from "../wire/net/link.ts";
import { serveDrivers } from "./testing.ts";

Deno.test("a tunnel that ends without a byte is closed at once", async () => {
  await using served = await serveDrivers({});
  const [near, far] = duplexPair();
  served.session.serve(new DuplexLink(far));
  const closed = new Promise((resolve) => far.once("close", resolve));
  near.resume();
  near.end();
  await closed;
});

Deno.test("a client whose side of the tunnel ends gives its device back, not at the next ping", async () => {
  const device = new PassThrough();
  await using served = await serveDrivers({ serial: { bytes: { connect: () => device } } });
  const [near, far] = duplexPair();
  served.session.serve(new DuplexLink(far));
  await using client = new SessionClient(new DuplexLink(near));
  const stream = await client.bytes(served.uuid("serial"), "connect");
  stream.on("error", () => {});
  const released = new Promise((resolve) => device.once("close", resolve));
  near.end();
  await released;
  assert.ok(far.destroyed);
});
