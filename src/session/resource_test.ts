import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { until } from "../../tests/until.ts";
import {
  type Methods,
  type ResourceHandle,
  resourceHandle,
  type UnaryMethod,
  withArgs,
} from "../driver/mod.ts";
import { FrameType, type StreamResponse } from "../wire/gen/jumpstarter/v1/router.ts";
import { GrpcClient } from "../wire/grpc/client.ts";
import { valueOf } from "../wire/http2/header_table.ts";
import { dialTcp } from "../wire/net/dial.ts";
import { DuplexLink } from "../wire/net/link.ts";
import { openFrames } from "../wire/router/testing.ts";
import { connectSession } from "../client/connect.ts";
import { serveDrivers, type ServedSession } from "./testing.ts";

/** A client's end of a resource, opened. */
interface ClientStream {
  readonly handle: ResourceHandle;
  readonly accepted: string | undefined;
  /** Waits for room, as a client must; false once nobody listens. */
  send(bytes: Uint8Array): Promise<boolean>;
  end(): void;
  cancel(): void;
  /** Everything that came; resolves with the end of the call, OK or not. */
  readonly over: Promise<{ frames: StreamResponse[]; code: number }>;
  /** Resolves when the other side says that nothing more will come. */
  readonly goaway: Promise<void>;
}

async function offer(
  served: ServedSession,
  name = "disk",
  encoding: string | null = null,
  grpc = served.grpc,
): Promise<ClientStream> {
  const request = { kind: "resource", uuid: served.uuid(name), x_jmp_content_encoding: encoding };
  const stream = openFrames(grpc, request);
  const metadata = await stream.metadata;
  return {
    handle: JSON.parse(valueOf(metadata, "resource")!),
    accepted: valueOf(metadata, "x_jmp_accept_encoding"),
    send: (payload) => stream.send(payload),
    end: () => stream.end(),
    cancel: () => stream.cancel(),
    over: stream.status.then(({ code }) => ({ frames: stream.frames, code })),
    goaway: stream.goaway,
  };
}

function call(
  served: ServedSession,
  method: string,
  args: unknown[],
  { name = "disk", client = served.client } = {},
): Promise<unknown> {
  return client.call(served.uuid(name), method, args);
}

/** Counts and discards; other methods leave, fail or give bytes. */
function disk(log: string[] = []): Methods {
  const reading = (read: (bytes: AsyncIterable<Uint8Array>) => unknown): UnaryMethod =>
    withArgs([resourceHandle], async ([handle], { resources }) => {
      log.push("reading");
      try {
        return await read(await resources.read(handle));
      } catch (error) {
        log.push(String(error));
        throw error;
      }
    });
  return {
    calls: {
      count: reading(async (bytes) => {
        let count = 0;
        for await (const chunk of bytes) count += chunk.length;
        return count;
      }),
      first: reading(async (bytes) => {
        for await (const chunk of bytes) return chunk.length > 0;
        return undefined;
      }),
      twice: reading(async (bytes) => {
        await Array.fromAsync(bytes);
        await Array.fromAsync(bytes);
      }),
      open: reading(() => "opened"),
      ignore: withArgs([resourceHandle], () => "ignored"),
      fail: withArgs([resourceHandle], () => {
        throw new Error("no medium");
      }),
      dump: withArgs([resourceHandle], async ([handle], { resources }) => {
        try {
          await resources.write(handle, megabytes(4));
        } catch (error) {
          log.push(String(error));
          throw error;
        }
      }),
      broken: withArgs([resourceHandle], async ([handle], { resources }) => {
        await resources.write(handle, failing());
      }),
    },
  };
}

async function* megabytes(count: number) {
  for (let index = 0; index < count; index++) yield new Uint8Array(1 << 20).fill(index);
}

// deno-lint-ignore require-yield -- it fails before.
async function* failing(): AsyncGenerator<Uint8Array> {
  throw new Error("the card is gone");
}

const MEGABYTE = new Uint8Array(1 << 20);
const received = (frames: StreamResponse[]) =>
  frames.reduce((sum, { payload }) => sum + payload.length, 0);

Deno.test("a driver reads what a client streams, which may begin before the call", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  assert.deepEqual(stream.handle, {
    kind: "client_stream",
    uuid: (stream.handle as { uuid: string }).uuid,
    x_jmp_content_encoding: null,
  });
  assert.equal(stream.accepted, "");
  await stream.send(MEGABYTE);
  const counting = call(served, "count", [stream.handle]);
  for (let index = 0; index < 20; index++) await stream.send(MEGABYTE);
  stream.end();
  assert.equal(await counting, 21 << 20);
  const { frames, code } = await stream.over;
  assert.deepEqual(frames.map(({ frameType }) => frameType), [FrameType.FRAME_TYPE_GOAWAY]);
  assert.equal(code, 0);
});

Deno.test("an empty image is an image", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  stream.end();
  assert.equal(await call(served, "count", [stream.handle]), 0);
  assert.equal((await stream.over).code, 0);
});

Deno.test("a client gets what a driver writes, in frames of at most 64 KiB", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  stream.end();
  assert.equal(await call(served, "dump", [stream.handle]), null);
  const { frames, code } = await stream.over;
  assert.equal(received(frames), 4 << 20);
  assert.equal(frames.at(-1)!.frameType, FrameType.FRAME_TYPE_GOAWAY);
  assert.ok(frames.every(({ payload }) => payload.length <= 64 * 1024));
  assert.equal(code, 0);
});

Deno.test("a download is not cut off by the end of its call, as long as the client has not ended its side", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  assert.equal(await call(served, "dump", [stream.handle]), null);
  // It ends its side once it has read that there is no more.
  await stream.goaway;
  const open = new Promise((resolve) => setTimeout(() => resolve("open"), 50));
  assert.equal(await Promise.race([stream.over.then(() => "over"), open]), "open");
  stream.end();
  const { frames, code } = await stream.over;
  assert.equal(received(frames), 4 << 20);
  assert.equal(code, 0);
});

Deno.test("a handle is used once, and by the driver that it belongs to", async () => {
  await using served = await serveDrivers({ disk: disk(), other: disk() });
  const stream = await offer(served);
  await assert.rejects(call(served, "count", [stream.handle], { name: "other" }), {
    code: 2,
    details: /UUID\('[0-9a-f-]{36}'\) names no stream of this driver's clients/,
  });
  stream.end();
  assert.equal(await call(served, "count", [stream.handle]), 0);
  await assert.rejects(call(served, "count", [stream.handle]), { code: 2 });
});

Deno.test("an argument that is no handle is refused as the client's mistake", async () => {
  await using served = await serveDrivers({ disk: disk() });
  for (const wrong of [null, "file", {}, { kind: "file" }, { kind: "client_stream" }]) {
    await assert.rejects(call(served, "count", [wrong]), { code: 3, details: /^argument 1: / });
  }
  await assert.rejects(call(served, "count", ["file"]), { details: /expected a resource handle/ });
});

Deno.test("bytes that were read do not pass for an empty image at a second reading", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  stream.end();
  await assert.rejects(call(served, "twice", [stream.handle]), {
    code: 2,
    details: /Cannot read a resource twice/,
  });
});

for (const method of ["first", "open", "ignore", "fail"]) {
  Deno.test(`a client is told when a driver stops listening early: ${method}`, async () => {
    await using served = await serveDrivers({ disk: disk() });
    // Together they are more than the windows of the connection hold.
    for (let round = 0; round < 6; round++) {
      const stream = await offer(served);
      const calling = call(served, method, [stream.handle]).catch(() => {});
      for (let index = 0; index < 64; index++) if (!await stream.send(MEGABYTE)) break;
      await calling;
      assert.equal((await stream.over).code, 0);
    }
    const stream = await offer(served);
    const counting = call(served, "count", [stream.handle]);
    for (let index = 0; index < 12; index++) await stream.send(MEGABYTE);
    stream.end();
    assert.equal(await counting, 12 << 20);
  });
}

Deno.test("an upload that breaks off is an error, not the end of the image", async () => {
  const log: string[] = [];
  await using served = await serveDrivers({ disk: disk(log) });
  const stream = await offer(served);
  const counting = call(served, "count", [stream.handle]);
  await stream.send(MEGABYTE);
  await until(() => log.length === 1);
  stream.cancel();
  await assert.rejects(counting, {
    code: 14,
    details: /the client's stream broke off after \d+ bytes/,
  });
});

Deno.test("an upload whose connection is cut is an error, not the end of the image", async () => {
  const log: string[] = [];
  await using served = await serveDrivers({ disk: disk(log) });
  const { near, endpoint } = await cutable(served);
  const client = await connectSession({ kind: "tcp", endpoint });
  const [host, port] = endpoint.split(":");
  const link = await dialTcp({ host: host!, port: Number(port) }, AbortSignal.timeout(10_000));
  const keepalive = { timeMs: 20_000, timeoutMs: 20_000 };
  const stream = await offer(
    served,
    "disk",
    null,
    new GrpcClient(link, { authority: endpoint, keepalive }),
  );
  const counting = call(served, "count", [stream.handle], { client });
  counting.catch(() => {});
  for (let index = 0; index < 3; index++) await stream.send(MEGABYTE);
  await until(() => log.length === 1);
  near.cut();
  await assert.rejects(counting);
  await until(() => log.length === 2);
  assert.match(log[1]!, /broke off|aborted/);
  await client[Symbol.asyncDispose]();
});

/** An address whose connections to the session can be cut. */
async function cutable(served: ServedSession) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    sockets.push(socket);
    served.session.serve(new DuplexLink(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { near: { cut }, endpoint: `127.0.0.1:${port}` };
}

Deno.test("a download whose client leaves fails, and so does one whose source does", async () => {
  const log: string[] = [];
  await using served = await serveDrivers({ disk: disk(log) });
  const leaving = await offer(served);
  leaving.cancel();
  await leaving.over;
  await assert.rejects(call(served, "dump", [leaving.handle]));
  const stream = await offer(served);
  await assert.rejects(call(served, "broken", [stream.handle]), {
    code: 2,
    details: /the card is gone/,
  });
  const { code } = await stream.over;
  assert.notEqual(code, 0);
});

Deno.test("an encoding that nobody knows is answered empty and refused in the call", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served, "disk", "lzma");
  assert.equal(stream.accepted, "");
  await assert.rejects(call(served, "count", [stream.handle]), {
    code: 3,
    details: /Cannot use content encoding 'lzma': expected/,
  });
  assert.equal((await stream.over).code, 0);
});

Deno.test("a resource of a driver that does not exist is refused", async () => {
  await using served = await serveDrivers({ disk: disk() });
  await assert.rejects(offer(served, "nothing"), {
    code: 2,
    details: /no driver of this exporter/,
  });
});

Deno.test("chunks of a byte wait as bytes, not in their thousands as chunks", async () => {
  const first: Methods = {
    calls: {
      first: withArgs([resourceHandle], async ([handle], { resources }) => {
        for await (const chunk of await resources.read(handle)) return chunk.length;
        return 0;
      }),
    },
  };
  await using served = await serveDrivers({ disk: first });
  const stream = await offer(served);
  for (let count = 0; count < 20_000; count++) await stream.send(Uint8Array.of(count));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const length = await call(served, "first", [stream.handle]) as number;
  assert.ok(length > 0 && length < 5_000, `${length} chunks waited`);
  stream.cancel();
});

Deno.test("a reader of many small chunks gets each of them", async () => {
  await using served = await serveDrivers({ disk: disk() });
  const stream = await offer(served);
  const counting = call(served, "count", [stream.handle]);
  for (let count = 0; count < 20_000; count++) await stream.send(new Uint8Array(count % 3 + 1));
  stream.end();
  assert.equal(await counting, 39_999);
  assert.equal((await stream.over).code, 0);
});
