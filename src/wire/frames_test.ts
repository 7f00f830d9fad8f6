import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { credentials, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { Code } from "./error.ts";
import { callerBytes } from "./frames.ts";
import "./http2_guard.ts";
import {
  FrameType,
  RouterServiceClient,
  RouterServiceService,
  type StreamRequest,
  type StreamResponse,
} from "./gen/jumpstarter/v1/router.ts";
import { join } from "./join.ts";

type Call = ServerDuplexStream<StreamRequest, StreamResponse>;

const { FRAME_TYPE_DATA: DATA, FRAME_TYPE_GOAWAY: GOAWAY, FRAME_TYPE_PING: PING } = FrameType;
const frame = (text: string, frameType: FrameType = DATA) => {
  return { payload: new TextEncoder().encode(text), frameType };
};

/** A peer that answers Stream with `serve`, and our end of one call. */
async function withPeer(
  serve: (call: Call) => void,
  use: (open: () => ReturnType<typeof callerBytes>) => Promise<void>,
): Promise<void> {
  const server = new Server();
  server.addService(RouterServiceService, { stream: serve });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      "127.0.0.1:0",
      ServerCredentials.createInsecure(),
      (error, port) => error ? reject(error) : resolve(port),
    );
  });
  const client = new RouterServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    await use(() => callerBytes(client.stream()));
  } finally {
    client.close();
    server.forceShutdown();
  }
}

async function text(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += new TextDecoder().decode(chunk);
  return all;
}

Deno.test("callerBytes() reads data, skips what is none, and ends with the first GOAWAY", async () => {
  const serve = (call: Call) => {
    call.write(frame("a"));
    call.write(frame("x", PING));
    call.write(frame(""));
    call.write(frame("y", 42 as FrameType));
    call.write(frame("b"));
    call.write(frame("", GOAWAY));
    call.write(frame("late"));
    call.write(frame("", GOAWAY));
    call.on("data", () => {});
    call.on("end", () => call.end());
  };
  await withPeer(serve, async (open) => {
    const stream = open();
    assert.equal(await text(stream), "ab");
    stream.destroy();
  });
});

Deno.test("callerBytes() takes a half-close without GOAWAY for an end too", async () => {
  await withPeer((call) => {
    call.write(frame("a"));
    call.end();
  }, async (open) => {
    const stream = open();
    assert.equal(await text(stream), "a");
    stream.destroy();
  });
});

Deno.test("callerBytes() says GOAWAY and half-closes when its writing ends, and reads on", async () => {
  const seen: string[] = [];
  const serve = (call: Call) => {
    call.on("data", ({ payload, frameType }: StreamRequest) => {
      seen.push(frameType === DATA ? new TextDecoder().decode(payload) : FrameType[frameType]!);
    });
    call.on("end", () => {
      call.write(frame("answer"));
      call.write(frame("", GOAWAY));
      call.end();
    });
  };
  await withPeer(serve, async (open) => {
    const stream = open();
    stream.end("question");
    assert.equal(await text(stream), "answer");
    assert.deepEqual(seen, ["question", "FRAME_TYPE_GOAWAY"]);
  });
});

Deno.test("callerBytes() says GOAWAY when it is destroyed, and then leaves the call", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const seen: FrameType[] = [];
  const serve = (call: Call) => {
    call.on("data", ({ frameType }: StreamRequest) => seen.push(frameType));
    // This peer never ends its side, like a router whose other party is gone.
    call.on("cancelled", resolve);
  };
  await withPeer(serve, async (open) => {
    const stream = open();
    stream.write("hello");
    await new Promise((resolve) => setTimeout(resolve, 50));
    stream.destroy();
    await cancelled;
    assert.deepEqual(seen, [DATA, GOAWAY]);
  });
});

Deno.test("callerBytes() breaks with the status of the call", async () => {
  const serve = (call: Call) => {
    call.emit("error", { code: Code.UNAUTHENTICATED, details: "bad token" });
  };
  await withPeer(serve, async (open) => {
    await assert.rejects(text(open()), { code: Code.UNAUTHENTICATED, details: "bad token" });
  });
});

Deno.test("callerBytes() sends no payload above 64 KiB to a peer that reads slowly", async () => {
  const sizes: number[] = [];
  const serve = (call: Call) => {
    call.on("data", ({ payload }: StreamRequest) => {
      sizes.push(payload.length);
      call.pause();
      setTimeout(() => call.resume(), 1);
    });
    call.on("end", () => call.end());
  };
  await withPeer(serve, async (open) => {
    const stream = open();
    stream.resume();
    const over = new Promise((resolve) => stream.once("end", resolve));
    stream.end(new Uint8Array(1_000_000));
    await over;
    assert.equal(sizes.reduce((sum, size) => sum + size), 1_000_000);
    assert.ok(Math.max(...sizes) <= 65_536);
  });
});

Deno.test("join() passes ends on one by one and errors to both", async () => {
  const [a, b] = [new PassThrough(), new PassThrough()];
  const failure = new Error("unplugged");
  const joined = assert.rejects(join(a, b), failure);
  b.destroy(failure);
  await joined;
  assert.ok(a.destroyed);
  assert.equal(a.errored, failure);
});
