/** The client with our server, and with raw frames for what no server should do. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { Code, DeviceError } from "../error.ts";
import type { Header } from "../http2/header_table.ts";
import { DuplexLink } from "../net/link.ts";
import { GrpcClient } from "./client.ts";
import { type Definition, type Method, streaming, unary } from "./methods.ts";
import { GrpcServer } from "./server.ts";
import type { ServerCall } from "./server_call.ts";

const path = "/test.Service/Method";
const encode = (value: string) => new TextEncoder().encode(value);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const method: Definition<string, string> & { requestSerialize: typeof encode } & {
  responseDeserialize: typeof decode;
} = {
  path,
  requestSerialize: encode,
  requestDeserialize: decode,
  responseSerialize: encode,
  responseDeserialize: decode,
};

/** A server of one method and a client of it. */
async function serving(serve: Method) {
  const stack = new AsyncDisposableStack();
  const server = stack.use(new GrpcServer({ methods: new Map([[path, serve]]) }));
  const port = await server.listen({ hostname: "127.0.0.1", port: 0 });
  const socket = connect(port, "127.0.0.1");
  const closed = Promise.withResolvers<void>();
  const client = stack.use(
    new GrpcClient(new DuplexLink(socket), {
      authority: "test",
      keepalive: { timeMs: 20_000, timeoutMs: 20_000 },
      onClosed: () => closed.resolve(),
    }),
  );
  await client.ready(AbortSignal.timeout(10_000));
  return {
    client,
    socket,
    closed: closed.promise,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const shout = unary(method, (request) => request.toUpperCase());
/** Ends only with its call. */
const hanging: Method = ({ signal }) => {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
};

Deno.test("GrpcClient.call() throws on a connection that is closed, and does not wait", async () => {
  await using served = await serving(shout);
  served.socket.destroy();
  await served.closed;
  assert.equal(served.client.usable, false);
  const failure = {
    code: Code.UNAVAILABLE,
    details: `Cannot call ${path}: the connection is closed`,
  };
  assert.throws(() => served.client.call(path), failure);
  await assert.rejects(served.client.unary(method, "x"), failure);
});

Deno.test("GrpcClient.call() throws on a connection that is shutting down", async () => {
  await using served = await serving(hanging);
  const running = served.client.call(path);
  served.client.shutDown();
  assert.throws(() => served.client.call(path), {
    details: `Cannot call ${path}: the connection takes no more calls`,
  });
  running.cancel();
  await served.closed;
});

Deno.test("a listener that comes after the end of its call hears of the end", async () => {
  await using served = await serving(hanging);
  const call = served.client.call(path);
  call.cancel();
  await new Promise<void>((closed) => {
    call.listen({ message() {}, end() {}, drained() {}, closed });
  });
});

Deno.test("ClientCall.metadata is what the server sends first", async () => {
  const serve: Method = async (call) => {
    call.begin([["resource", "the handle"]]);
    await hanging(call);
  };
  await using served = await serving(serve);
  const metadata = await served.client.call(path).metadata;
  assert.deepEqual(metadata.find(([name]) => name === "resource"), ["resource", "the handle"]);
});

Deno.test("ClientCall.metadata rejects with the status of a call that has none", async () => {
  const serve: Method = (call) => Promise.resolve(call.close(Code.NOT_FOUND, "no such thing"));
  await using served = await serving(serve);
  const call = served.client.call(path);
  await assert.rejects(call.metadata, { code: Code.NOT_FOUND, details: "no such thing" });
  await assert.rejects(call.success(), { code: Code.NOT_FOUND });
});

Deno.test("unary() sends a request with its metadata and returns the answer", async () => {
  let seen: string[] = [];
  await using served = await serving(unary(method, (request, call) => {
    seen = call.metadata("x-key");
    return request.toUpperCase();
  }));
  const metadata: Header[] = [["x-key", "value"]];
  assert.equal(await served.client.unary(method, "hello", { metadata }), "HELLO");
  assert.deepEqual(seen, ["value"]);
  const large = "x".repeat(3_000_000);
  assert.equal((await served.client.unary(method, large)).length, large.length);
});

Deno.test("unary() throws the status of a call that fails", async () => {
  await using served = await serving(unary(method, () => {
    throw new DeviceError("the relay is gone: ü");
  }));
  await assert.rejects(served.client.unary(method, "x"), {
    name: "StatusError",
    code: Code.INTERNAL,
    details: "the relay is gone: ü",
  });
});

Deno.test("unary() takes neither no message nor two for an answer", async () => {
  await using none = await serving((call) => Promise.resolve(call.close()));
  await assert.rejects(none.client.unary(method, "x"), {
    code: Code.INTERNAL,
    details: /found none/,
  });
  await using two = await serving((call) => {
    for (const message of ["one", "two"]) call.send(encode(message));
    return Promise.resolve(call.close());
  });
  await assert.rejects(two.client.unary(method, "x"), {
    code: Code.INTERNAL,
    details: /found more/,
  });
});

Deno.test("a call ends with the reason of its signal, on both sides", async () => {
  const left = Promise.withResolvers<void>();
  await using served = await serving((call) => hanging(call).then(left.resolve));
  const controller = new AbortController();
  const call = served.client.unary(method, "x", { signal: controller.signal });
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(call, reason);
  await left.promise;
  await assert.rejects(served.client.unary(method, "x", { signal: controller.signal }), reason);
});

Deno.test("a call whose time is up ends with DEADLINE_EXCEEDED, on both sides", async () => {
  const told = Promise.withResolvers<string | undefined>();
  await using served = await serving((call) => {
    told.resolve(call.header("grpc-timeout"));
    return hanging(call);
  });
  const call = served.client.unary(method, "x", { timeoutMs: 100 });
  await assert.rejects(call, { code: Code.DEADLINE_EXCEEDED });
  assert.equal(await told.promise, "100m");
});

Deno.test("calls fail when their connection is lost", async () => {
  await using served = await serving(hanging);
  const { client, socket } = served;
  const asked = client.unary(method, "x");
  const streamed = Array.fromAsync(client.stream(method, "x"));
  socket.destroy();
  await assert.rejects(asked, { code: Code.UNAVAILABLE });
  await assert.rejects(streamed, { code: Code.UNAVAILABLE });
});

/** Answers with `count` messages of `size` bytes, and says how many it could send. */
function many(count: number, size: number, sent: { count: number }, end?: () => never): Method {
  return streaming(method, async function* (_request: string, { signal }: ServerCall) {
    for (; sent.count < count && !signal.aborted; sent.count++) yield "x".repeat(size);
    end?.();
    await Promise.resolve();
  });
}

Deno.test("stream() gives all messages, then throws the status", async () => {
  const sent = { count: 0 };
  const fail = () => {
    throw new DeviceError("gone");
  };
  await using served = await serving(many(3, 5, sent, fail));
  const seen: string[] = [];
  const reading = (async () => {
    for await (const message of served.client.stream(method, "x")) seen.push(message);
  })();
  await assert.rejects(reading, { code: Code.INTERNAL, details: "gone" });
  assert.deepEqual(seen, ["xxxxx", "xxxxx", "xxxxx"]);
});

Deno.test("stream() reads at the pace of its reader, and ends the call when that leaves", async () => {
  const sent = { count: 0 };
  await using served = await serving(many(1_000, 100_000, sent));
  let seen = 0;
  for await (const _ of served.client.stream(method, "x")) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (++seen === 3) break;
  }
  const ahead = sent.count;
  assert.ok(ahead < 200, `${ahead} messages were sent to a reader of 3`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(sent.count - ahead < 5);
});
