import assert from "node:assert/strict";
import { connect } from "node:net";
import { Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import { Code } from "../error.ts";
import {
  FrameType,
  RouterServiceService,
  type StreamRequest,
  type StreamResponse,
} from "../gen/jumpstarter/v1/router.ts";
import { GrpcClient } from "../grpc/client.ts";
import { DuplexLink } from "../net/link.ts";
import { Tunnel } from "./tunnel.ts";

type Call = ServerDuplexStream<StreamRequest, StreamResponse>;

const { FRAME_TYPE_DATA: DATA, FRAME_TYPE_GOAWAY: GOAWAY, FRAME_TYPE_PING: PING } = FrameType;
const frame = (text: string, frameType: FrameType = DATA) => {
  return { payload: new TextEncoder().encode(text), frameType };
};

/** Our end of a call, started. */
interface Opened {
  readonly tunnel: Tunnel;
  /** All that came, once it is over. */
  readonly over: Promise<{ text: string; error: Error | undefined }>;
}

function start(tunnel: Tunnel): Opened {
  let text = "";
  const over = new Promise<Awaited<Opened["over"]>>((resolve) => {
    tunnel.start({
      bytes: (bytes) => void (text += new TextDecoder().decode(bytes)),
      closed: (error) => resolve({ text, error }),
    });
  });
  return { tunnel, over };
}

/** The connection of our end. */
interface Client {
  shutDown(): void;
  readonly closed: Promise<unknown>;
}

/** A peer that answers Stream with `serve`: grpc-js, which takes nothing that is not right. */
async function withPeer(
  serve: (call: Call) => void,
  use: (open: () => Opened, cut: () => void, client: Client) => Promise<void>,
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
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const client = new GrpcClient(new DuplexLink(socket), {
    authority: `127.0.0.1:${port}`,
    keepalive: { timeMs: 20_000, timeoutMs: 20_000 },
  });
  try {
    await client.ready(AbortSignal.timeout(10_000));
    const open = () =>
      start(new Tunnel(client.call(RouterServiceService.stream.path, { keep: false })));
    const closing = { shutDown: () => client.shutDown(), closed };
    await use(open, () => void socket.destroy(), closing);
  } finally {
    client[Symbol.dispose]();
    await closed;
    server.forceShutdown();
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a tunnel passes data on, skips what is none, and ends with the first GOAWAY", async () => {
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
    const { over, tunnel } = open();
    assert.deepEqual(await over, { text: "ab", error: undefined });
    assert.equal((await tunnel.status).code, Code.OK);
  });
});

Deno.test("a tunnel takes a half-close without GOAWAY for an end too", async () => {
  await withPeer((call) => {
    call.write(frame("a"));
    call.end();
  }, async (open) => {
    assert.deepEqual(await open().over, { text: "a", error: undefined });
  });
});

Deno.test("a tunnel says GOAWAY and half-closes when it is closed", async () => {
  const seen: string[] = [];
  const serve = (call: Call) => {
    call.on("data", ({ payload, frameType }: StreamRequest) => {
      seen.push(frameType === DATA ? new TextDecoder().decode(payload) : FrameType[frameType]!);
    });
    call.on("end", () => call.end());
  };
  await withPeer(serve, async (open) => {
    const { tunnel, over } = open();
    await tunnel.write(bytes("question"));
    tunnel.close();
    assert.equal((await tunnel.status).code, Code.OK);
    await over;
    assert.deepEqual(seen, ["question", "FRAME_TYPE_GOAWAY"]);
  });
});

Deno.test("a closed tunnel leaves a call that its peer does not end", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const seen: FrameType[] = [];
  const serve = (call: Call) => {
    call.on("data", ({ frameType }: StreamRequest) => seen.push(frameType));
    // This peer never ends its side, like a router whose other party is gone.
    call.on("cancelled", resolve);
  };
  await withPeer(serve, async (open) => {
    const { tunnel } = open();
    await tunnel.write(bytes("hello"));
    tunnel.close();
    await cancelled;
    assert.deepEqual(seen, [DATA, GOAWAY]);
    assert.equal((await tunnel.status).code, Code.CANCELLED);
  });
});

Deno.test("a tunnel breaks with the status of the call", async () => {
  const serve = (call: Call) => {
    call.emit("error", { code: Code.UNAUTHENTICATED, details: "bad token: ü" });
  };
  await withPeer(serve, async (open) => {
    const { tunnel, over } = open();
    assert.equal((await over).error?.message, "bad token: ü");
    const status = { code: Code.UNAUTHENTICATED, details: "bad token: ü" };
    assert.deepEqual(await tunnel.status, status);
  });
});

Deno.test("a tunnel sends no payload above 64 KiB, at the pace of a peer that reads slowly", async () => {
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
    const { tunnel } = open();
    await tunnel.write(new Uint8Array(1_000_000));
    tunnel.close();
    assert.equal((await tunnel.status).code, Code.OK);
    assert.equal(sizes.reduce((sum, size) => sum + size), 1_000_000);
    assert.ok(Math.max(...sizes) <= 65_536);
  });
});

Deno.test("a connection that is shut down closes with its last tunnel, which says nothing more", async () => {
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const serve = (call: Call) => {
    call.on("data", () => {});
    call.on("end", resolve);
    // The peer ends its side a while after us.
    heard.then(() => setTimeout(() => call.end(), 20));
  };
  await withPeer(serve, async (open, _cut, client) => {
    const { tunnel } = open();
    await tunnel.write(bytes("x"));
    tunnel.close();
    await heard;
    client.shutDown();
    await tunnel.status;
    await client.closed;
  });
});

Deno.test("a tunnel whose connection is lost says so", async () => {
  await withPeer((call) => call.on("error", () => {}), async (open, cut) => {
    const { over, tunnel } = open();
    cut();
    assert.match(String((await over).error), /the connection was lost/);
    assert.equal((await tunnel.status).code, Code.UNAVAILABLE);
  });
});
