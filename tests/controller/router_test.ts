import assert from "node:assert/strict";
import { fulfilledWithin } from "../../src/base/deadline.ts";
import { FrameType, type StreamResponse } from "../../src/wire/gen/jumpstarter/v1/router.ts";
import { TestRouter } from "./router.ts";
import { certificates } from "./tls.ts";
import { signToken } from "./token.ts";
import type { FrameCall } from "../../src/wire/router/testing.ts";
import { Code } from "./rpc_error.ts";
import { openFrames, openTunnel, type Tunnel } from "./tunnel_client.ts";
import { until } from "../until.ts";

const secret = new Uint8Array(32).fill(7);
const text = (frame: StreamResponse) => new TextDecoder().decode(frame.payload);
const bytes = (value: string) => new TextEncoder().encode(value);
const DATA = FrameType.FRAME_TYPE_DATA;

async function setUp() {
  const { caPem, server } = await certificates();
  const router = new TestRouter({ pair: server, secret });
  await router.front.start();
  const scope = new AsyncDisposableStack();
  scope.defer(() => router.front.stop());
  const endpoint = `localhost:${router.front.port}`;
  return {
    router,
    async open(token = signToken(secret, "stream")): Promise<FrameCall> {
      const party = await openFrames({ endpoint, token, caPem });
      scope.defer(async () => {
        party.cancel();
        await party.status;
      });
      return party;
    },
    async tunnel(): Promise<Tunnel> {
      const tunnel = await openTunnel({ endpoint, token: signToken(secret, "stream"), caPem });
      tunnel.bytes.on("error", () => {});
      scope.defer(async () => {
        tunnel.bytes.destroy();
        await tunnel.status;
      });
      return tunnel;
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

type Rig = Awaited<ReturnType<typeof setUp>>;

/** Two parties whose frames reach each other; the first one to have come is the first. */
async function paired<Party = FrameCall>(
  { router, open }: Rig,
  openSecond: () => Promise<Party> = open as () => Promise<Party>,
): Promise<[FrameCall, Party]> {
  const first = await open();
  await until(() => router.in("waiting").length === 1);
  const second = await openSecond();
  await until(() => router.in("forwarding").length === 1);
  return [first, second];
}

/** The frame that `party` receives after those that it has now. */
async function nextFrame(party: FrameCall): Promise<StreamResponse> {
  const { length } = party.frames;
  await until(() => party.frames.length > length);
  return party.frames[length]!;
}

Deno.test("TestRouter refuses a token that it cannot trust", async () => {
  await using rig = await setUp();
  const wrong = [
    signToken(new Uint8Array(32), "stream"),
    signToken(secret, "stream", -1000),
    "no.token",
  ];
  for (const token of wrong) {
    assert.equal((await (await rig.open(token)).status).code, Code.UNAUTHENTICATED);
  }
  assert.deepEqual(rig.router.refused, [
    "token signature is invalid",
    "token is expired",
    "token is malformed",
  ]);
});

Deno.test("TestRouter forwards every frame as it is, also empty ones and unknown types", async () => {
  await using rig = await setUp();
  const [first, second] = await paired(rig);
  const sent = [
    { payload: bytes("data"), frameType: DATA },
    { payload: new Uint8Array(), frameType: DATA },
    { payload: bytes("ping"), frameType: FrameType.FRAME_TYPE_PING },
    { payload: bytes("?"), frameType: 42 as FrameType },
    { payload: bytes("bye"), frameType: FrameType.FRAME_TYPE_GOAWAY },
  ];
  for (const [from, to] of [[first, second], [second, first]] as const) {
    for (const expected of sent) {
      const received = nextFrame(to);
      from.send(expected.payload, expected.frameType);
      const { payload, frameType } = await received;
      assert.deepEqual([frameType, [...payload]], [expected.frameType, [...expected.payload]]);
    }
  }
  assert.deepEqual(rig.router.streams[0]?.frames, [5, 5]);
});

Deno.test("TestRouter ends both parties with OK once both have half-closed, and not before", async () => {
  await using rig = await setUp();
  const [first, second] = await paired(rig);
  first.halfClose();
  const received = nextFrame(first);
  second.send("still open");
  assert.equal(text(await received), "still open");
  second.halfClose();
  assert.deepEqual([(await first.status).code, (await second.status).code], [Code.OK, Code.OK]);
});

Deno.test("TestRouter tells a party that its peer was reset only when it sends something", async () => {
  await using rig = await setUp();
  for (const gone of [0, 1] as const) {
    const parties = await paired(rig);
    const stays = parties[1 - gone]!;
    parties[gone].cancel();
    await parties[gone].status;
    let settled = false;
    stays.status.then(() => settled = true);
    // Only waits: the test is that nothing happens.
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(settled, false);
    stays.send("anyone?");
    assert.equal((await stays.status).code, gone === 0 ? Code.CANCELLED : Code.OK);
  }
});

Deno.test("TestRouter makes a third party of a stream a first one", async () => {
  await using rig = await setUp();
  await paired(rig);
  await rig.open();
  await until(() => rig.router.in("waiting").length === 1);
  assert.equal(rig.router.in("forwarding").length, 1);
});

Deno.test("TestRouter forgets a first party that left", async () => {
  await using rig = await setUp();
  const first = await rig.open();
  await until(() => rig.router.in("waiting").length === 1);
  first.cancel();
  await until(() => rig.router.in("waiting").length === 0);
  await paired(rig);
});

Deno.test("TestRouter holds a fast sender back while the receiver does not read", async () => {
  await using rig = await setUp();
  const [first, { bytes: second }] = await paired(rig, rig.tunnel);
  const payload = new Uint8Array(64 * 1024);
  let sent = 0;
  do {
    sent += payload.length;
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes went without a reader`);
  } while (await fulfilledWithin(300, first.send(payload)));
  let received = 0;
  second.on("data", (chunk: Uint8Array) => received += chunk.length);
  await until(() => received === sent);
});

Deno.test("TestRouter cuts a stream, or every connection", async () => {
  await using rig = await setUp();
  const [first, second] = await paired(rig);
  rig.router.cut("stream");
  for (const party of [first, second]) {
    assert.equal((await party.status).code, Code.UNAVAILABLE);
  }
  const [third] = await paired(rig);
  rig.router.front.cut();
  assert.notEqual((await third.status).code, Code.OK);
  await until(() => rig.router.in("forwarding").length === 0);
});

Deno.test("a tunnel carries bytes both ways and ends each direction by itself", async () => {
  await using rig = await setUp();
  const first = await rig.tunnel();
  const second = await rig.tunnel();
  const sent = crypto.getRandomValues(new Uint8Array(60_000));
  first.bytes.end(sent);
  assert.deepEqual(await collect(second), sent);
  second.bytes.end("answer");
  assert.equal(new TextDecoder().decode(await collect(first)), "answer");
  assert.deepEqual([(await first.status).code, (await second.status).code], [Code.OK, Code.OK]);
});

async function collect({ bytes }: Tunnel): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
