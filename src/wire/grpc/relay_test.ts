/** Calls that pass through a server to another one. */
import "../../libc/testing.ts";
import assert from "node:assert/strict";
import { concat } from "../../base/bytes.ts";
import { sleep } from "../../base/sleep.ts";
import { Code, DeviceError } from "../error.ts";
import { valueOf } from "../http2/header_table.ts";
import { dialUnix } from "../net/dial.ts";
import { GOAWAY } from "../router/frame.ts";
import { GoawayWatch } from "../router/goaway_watch.ts";
import { Budget } from "./budget.ts";
import { type CallSettings, GrpcClient } from "./client.ts";
import type { ClientCall } from "./client_call.ts";
import type { Method } from "./methods.ts";
import { relayCall, type RelayOptions } from "./relay.ts";
import { GrpcServer } from "./server.ts";
import type { ServerCall } from "./server_call.ts";
import { StatusError } from "./status.ts";

const path = "/test.Service/Method";
const HELLO = new TextEncoder().encode("hello");

async function serve(stack: AsyncDisposableStack, method: Method): Promise<GrpcClient> {
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const server = stack.use(new GrpcServer({ methods: new Map([[path, method]]) }));
  await server.listen({ path: `${dir}/socket` });
  const signal = AbortSignal.timeout(10_000);
  const options = { authority: "test", keepalive: { timeMs: 20_000, timeoutMs: 20_000 } };
  return stack.use(
    await GrpcClient.open(await dialUnix(`${dir}/socket`, signal), options, signal),
  );
}

/** A call to `method` that another server passes on. */
async function relayed(
  method: Method,
  settings: CallSettings = {},
  isLast?: RelayOptions["isLast"],
) {
  await using stack = new AsyncDisposableStack();
  const behind = await serve(stack, method);
  const client = await serve(stack, (inbound) => {
    const outbound = behind.call(path, { ...settings, signal: inbound.signal });
    return relayCall(inbound, outbound, {
      explain: ({ code, details }) => Promise.resolve(new StatusError(code, details)),
      isLast,
    });
  });
  const owned = stack.move();
  return { call: client.call(path), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Keeps the messages of a call until it is over, or as long as the listener is paused. */
function collect(call: ClientCall | ServerCall) {
  const messages: Uint8Array[] = [];
  const ended = Promise.withResolvers<void>();
  call.listen({
    message: (message) => void messages.push(message),
    end: () => ended.resolve(),
    drained() {},
    closed: () => ended.resolve(),
  });
  return { messages, ended: ended.promise };
}

/** Sends `count` messages of growing length at the pace of the other side. */
async function sendMany(call: ClientCall | ServerCall, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    call.send(new Uint8Array(index * 997).fill(index));
    while (call.unsent > 256 * 1024) await sleep(1);
  }
}

function checkMany(messages: readonly Uint8Array[], count: number): void {
  assert.equal(messages.length, count);
  messages.forEach((message, index) => {
    assert.equal(message.length, index * 997);
    assert.ok(message.every((byte) => byte === index % 256));
  });
}

Deno.test("messages of any size pass in both directions, then the half-close and the status", async () => {
  await using lab = await relayed(async (call) => {
    const { messages, ended } = collect(call);
    await ended;
    checkMany(messages, 300);
    await sendMany(call, 300);
    call.close();
  });
  const { messages } = collect(lab.call);
  await sendMany(lab.call, 300);
  lab.call.halfClose();
  assert.deepEqual(await lab.call.status, { code: Code.OK, details: "" });
  checkMany(messages, 300);
});

Deno.test("metadata passes when it is sent, and not before", async () => {
  const go = Promise.withResolvers<void>();
  await using lab = await relayed(async (call) => {
    await go.promise;
    call.begin([["x-resource", "one"], ["grpc-encoding", "identity"]]);
    await collect(call).ended;
    call.close();
  });
  let known = false;
  const metadata = lab.call.metadata.finally(() => known = true);
  await sleep(50);
  assert.equal(known, false);
  go.resolve();
  assert.equal(valueOf(await metadata, "x-resource"), "one");
  assert.equal(valueOf(await metadata, "grpc-encoding"), undefined);
  lab.call.halfClose();
  assert.equal((await lab.call.status).code, Code.OK);
});

Deno.test("a status comes after all messages, with its words", async () => {
  await using lab = await relayed((call) => {
    for (let count = 0; count < 100; count++) call.send(HELLO);
    return Promise.reject(new DeviceError("no answer of the board"));
  });
  const { messages } = collect(lab.call);
  const { code, details } = await lab.call.status;
  assert.deepEqual([code, details], [Code.INTERNAL, "no answer of the board"]);
  assert.equal(messages.length, 100);
});

Deno.test("a side that reads nothing holds the other one back, and loses nothing", async () => {
  const size = 48 * 1024 * 1024;
  const chunk = crypto.getRandomValues(new Uint8Array(64 * 1024));
  const read = Promise.withResolvers<void>();
  await using lab = await relayed(async (call) => {
    await read.promise;
    const { messages, ended } = collect(call);
    await ended;
    assert.equal(messages.length, size / chunk.length);
    assert.deepEqual(messages.at(-1), chunk);
    call.send(HELLO);
    call.close();
  });
  const { messages, ended } = collect(lab.call);
  for (let sent = 0; sent < size; sent += chunk.length) lab.call.send(chunk);
  lab.call.halfClose();
  await sleep(300);
  assert.ok(lab.call.unsent > size / 2, `${size - lab.call.unsent} bytes are under way`);
  read.resolve();
  await ended;
  assert.deepEqual(concat(messages), HELLO);
});

Deno.test("a client that leaves ends the call at the other server", async () => {
  const left = Promise.withResolvers<void>();
  await using lab = await relayed(async (call) => {
    call.begin();
    call.signal.addEventListener("abort", () => left.resolve());
    await left.promise;
  });
  await lab.call.metadata;
  lab.call.cancel();
  await left.promise;
});

Deno.test("answers that the client does not read are counted, and end the call when they are too many", async () => {
  const budget = new Budget({ connection: 1 << 20, total: 1 << 30 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const pour: Method = async (call) => {
    call.signal.addEventListener("abort", () => resolve());
    for (let count = 0; count < 8; count++) call.send(new Uint8Array(1 << 20));
    await promise;
  };
  await using lab = await relayed(pour, { share: budget.open() });
  await promise;
  const { code, details } = await lab.call.status;
  assert.equal(code, Code.RESOURCE_EXHAUSTED);
  assert.match(details, /the calls of one client keep more than 1048576 bytes in memory/);
  assert.equal(budget.held, 0);
});

/** A byte stream of an official server: it says that it is done, and waits for the cancellation. */
async function streamOfficially(call: ServerCall): Promise<void> {
  const { ended } = collect(call);
  await ended;
  call.send(GOAWAY);
  await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
}

function lastIsGoaway(): (bytes: Uint8Array) => boolean {
  const watch = new GoawayWatch();
  return (bytes) => watch.read(bytes);
}

Deno.test("a call that both sides have ended is over for the client, and is cancelled at the server", async () => {
  const gone = Promise.withResolvers<void>();
  await using lab = await relayed(
    (call) => streamOfficially(call).finally(gone.resolve),
    {},
    lastIsGoaway(),
  );
  const { messages } = collect(lab.call);
  lab.call.send(HELLO);
  lab.call.halfClose();
  assert.deepEqual(await lab.call.status, { code: Code.OK, details: "" });
  assert.deepEqual(messages, [GOAWAY]);
  await gone.promise;
});

Deno.test("requests are read to their end after the server's last message", async () => {
  const read = Promise.withResolvers<number>();
  await using lab = await relayed(
    async (call) => {
      call.send(GOAWAY);
      const { messages, ended } = collect(call);
      // The other end of the call must not cut off what is on its way.
      call.pause();
      await sleep(300);
      call.resume();
      await ended;
      read.resolve(messages.length);
    },
    {},
    lastIsGoaway(),
  );
  const { messages } = collect(lab.call);
  while (messages.length === 0) await sleep(1);
  await sendMany(lab.call, 100);
  lab.call.halfClose();
  assert.equal((await lab.call.status).code, Code.OK);
  assert.equal(await read.promise, 100);
});
