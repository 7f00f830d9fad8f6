/** The server with clients that are not ours: grpc-js, and node's HTTP/2 for what grpc-js does not say. */
import assert from "node:assert/strict";
import http2 from "node:http2";
import { Buffer } from "node:buffer";
import {
  type CallOptions,
  Client,
  compressionAlgorithms,
  credentials,
  Metadata,
} from "@grpc/grpc-js";
import { certificates } from "../../../tests/controller/tls.ts";
import { until } from "../../../tests/until.ts";
import { DeviceError, DriverError } from "../error.ts";
import { Code } from "../code.ts";
import { PREFACE } from "../http2/frame_reader.ts";
import "../grpc_js/http2_guard.ts";
import { ConnectionLimit } from "../listen/connection_limit.ts";
import { ConnLink } from "../net/link.ts";
import { messagePrefix } from "./message.ts";
import { type Definition, type Method, streaming, unary } from "./methods.ts";
import { Budget } from "./budget.ts";
import { GrpcServer, type GrpcServerOptions } from "./server.ts";
import type { ServerCall } from "./server_call.ts";

const text: Omit<Definition<string, string>, "path"> = {
  requestDeserialize: (bytes: Uint8Array) => new TextDecoder().decode(bytes),
  responseSerialize: (response) => Buffer.from(response),
};

/** A server of one method, and ways to call it. */
async function serving(
  kind: "unary" | "streaming",
  // deno-lint-ignore no-explicit-any
  handle: (request: string, call: ServerCall) => any,
  options: Omit<GrpcServerOptions, "methods"> = {},
) {
  const stack = new AsyncDisposableStack();
  const path = "/test.Service/Method";
  const method: Method = (kind === "unary" ? unary : streaming)({ ...text, path }, handle);
  const server = stack.use(new GrpcServer({ ...options, methods: new Map([[path, method]]) }));
  const port = await server.listen({ hostname: "127.0.0.1", port: 0 });
  const connect = (options = {}) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      ...options,
    });
    stack.defer(() => client.close());
    return client;
  };
  const client = connect();
  const serialize = (value: string) => Buffer.from(value);
  const ask = (request: string, options: CallOptions & { path?: string; client?: Client } = {}) =>
    new Promise<string>((resolve, reject) => {
      (options.client ?? client).makeUnaryRequest(
        options.path ?? path,
        serialize,
        String,
        request,
        new Metadata(),
        options,
        (error, response) => error ? reject(error) : resolve(response!),
      );
    });
  const stream = (request: string) =>
    client.makeServerStreamRequest(path, serialize, String, request, new Metadata());
  return {
    ...{ port, server, ask, stream, connect },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** What node's HTTP/2 gets for a request of its own making. */
async function raw(
  port: number,
  headers: http2.OutgoingHttpHeaders,
  body?: Uint8Array,
  open?: http2.ClientHttp2Session,
) {
  const session = open ?? http2.connect(`http://127.0.0.1:${port}`);
  try {
    const request = session.request({ ":path": "/test.Service/Method", ...headers });
    const got: Record<string, unknown> = {};
    const over = new Promise<void>((resolve, reject) => {
      request.on("response", (list) => Object.assign(got, list));
      request.on("trailers", (list) => Object.assign(got, list));
      request.on("error", reject);
      request.on("close", resolve);
    });
    request.resume();
    request.end(body);
    await over;
    return got;
  } finally {
    if (!open) await new Promise<void>((resolve) => session.close(resolve));
  }
}

const GRPC = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };

Deno.test("a call is answered, however large its answer", async () => {
  const handle = (request: string) => request.toUpperCase();
  await using served = await serving("unary", handle, { maxMessage: Infinity });
  assert.equal(await served.ask("hello"), "HELLO");
  assert.equal(await served.ask(""), "");
  const large = "x".repeat(9_000_000);
  assert.equal((await served.ask(large)).length, large.length);
});

Deno.test("a message is refused by its announced length alone, and costs its place only as long", async () => {
  await using served = await serving("unary", (request) => String(request.length));
  const session = http2.connect(`http://127.0.0.1:${served.port}`);
  const limit = 4 * 1024 * 1024;
  assert.equal(await served.ask("x".repeat(limit)), String(limit));
  for (let count = 0; count < 1_100; count++) {
    const got = await raw(served.port, GRPC, messagePrefix(limit + 1), session);
    assert.equal(got["grpc-status"], String(Code.RESOURCE_EXHAUSTED));
    const what = "SERVER: Received message larger than max (4194305 vs. 4194304)";
    assert.equal(got["grpc-message"], what);
  }
  assert.equal((await raw(served.port, GRPC, messagePrefix(0), session))["grpc-status"], "0");
  await new Promise<void>((resolve) => session.close(resolve));
});

for (const text of ["e", "é", "한", "\u{1f600}"]) {
  Deno.test(`a client is told as much of a text of '${text}' as it takes`, async () => {
    const huge = `The file ${text.repeat(2_000_000)} is not there`;
    await using served = await serving("unary", () => {
      throw new DeviceError(huge);
    });
    const got = await raw(served.port, GRPC, messagePrefix(0));
    const message = decodeURIComponent(String(got["grpc-message"]));
    assert.match(
      message,
      /^The file .* \.\.\. \[\d+ characters left out\] \.\.\. .* is not there$/u,
    );
    assert.ok(String(got["grpc-message"]).length < 8_000);
    const path = `/test.Service/${"x".repeat(20_000)}`;
    const none = await raw(served.port, { ...GRPC, ":path": path });
    assert.equal(none["grpc-status"], String(Code.UNIMPLEMENTED));
    assert.ok(String(none["grpc-message"]).length < 8_000);
  });
}

Deno.test("unfinished messages are bounded for a client and for all, and the largest give way", async () => {
  const lines: string[] = [];
  const budget = new Budget({ connection: 1_000_000, total: 1_500_000 });
  await using served = await serving("unary", String, {
    budget,
    evicted: (line) => lines.push(line),
  });
  const ended: string[] = [];
  const sessions = [1, 2, 3].map(() => http2.connect(`http://127.0.0.1:${served.port}`));
  try {
    for (const session of sessions) {
      for (let count = 0; count < 20; count++) {
        const request = session.request({ ":path": "/test.Service/Method", ...GRPC });
        request.on("error", () => {});
        request.on("response", (headers) => ended.push(String(headers["grpc-message"])));
        request.resume();
        request.write(messagePrefix(4_000_000));
        request.write(new Uint8Array(count === 7 ? 200_000 : 80_000));
      }
      assert.equal(await served.ask("well-behaved"), "well-behaved");
      assert.ok(budget.held <= 1_500_000);
    }
    assert.match(
      ended[0]!,
      /^Cannot go on with the call: the calls of one client keep more than 1000000 bytes/,
    );
    assert.deepEqual(lines.length, 1);
  } finally {
    for (const session of sessions) session.destroy();
  }
  await until(() => budget.held === 0);
});

Deno.test("answers that nobody reads are bounded, too", async () => {
  const budget = new Budget({ connection: 1_000_000, total: 2_000_000 });
  await using served = await serving("unary", () => "x".repeat(100_000), { budget });
  const settings = { initialWindowSize: 0 };
  const session = http2.connect(`http://127.0.0.1:${served.port}`, { settings });
  let reset = 0;
  for (let count = 0; count < 50; count++) {
    const request = session.request({ ":path": "/test.Service/Method", ...GRPC });
    request.on("error", () => reset++);
    request.end(messagePrefix(0));
  }
  await until(() => reset >= 40);
  assert.ok(budget.held <= 1_000_000);
  session.destroy();
  await until(() => budget.held === 0);
});

Deno.test("what a handler throws is the status of its call", async () => {
  await using served = await serving("unary", () => {
    throw new DeviceError("50 % of the relay is gone: ü\n");
  });
  const details = "50 % of the relay is gone: ü\n";
  await assert.rejects(served.ask("x"), { code: Code.INTERNAL, details });
});

Deno.test("what a handler throws tells a client no secret, and steers no terminal", async () => {
  await using served = await serving("unary", () => {
    throw new DeviceError("socket://me:pw@host said \x1b]0;owned\x07\u202e, \x1b[31mred\x1b[0m\n!");
  });
  await assert.rejects(served.ask("x"), {
    details: "socket://[REDACTED]@host said \\x1b]0;owned\\x07\\u202e, \x1b[31mred\x1b[0m\n!",
  });
});

Deno.test("a method that nobody serves is UNIMPLEMENTED", async () => {
  await using served = await serving("unary", String);
  await assert.rejects(served.ask("x", { path: "/test.Service/Other" }), {
    code: Code.UNIMPLEMENTED,
    details: "there is no method /test.Service/Other",
  });
});

Deno.test("a call whose deadline has passed is aborted on both sides", async () => {
  const aborted = Promise.withResolvers<unknown>();
  let begun = false;
  await using served = await serving("unary", (_request, { signal }) =>
    new Promise((_, reject) => {
      begun = true;
      const end = () => {
        aborted.resolve(signal.reason.name);
        reject(signal.reason);
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end);
    }));
  // On a busy machine a deadline may pass before its call has reached the server.
  for (let ms = 100; !begun; ms *= 4) {
    const asked = served.ask("x", { deadline: Date.now() + ms });
    await assert.rejects(asked, { code: Code.DEADLINE_EXCEEDED });
  }
  assert.match(String(await aborted.promise), /TimeoutError|AbortError/);
});

Deno.test("a deadline holds for a client that does not watch it itself", async () => {
  await using served = await serving("unary", () => new Promise(() => {}));
  const got = await raw(
    served.port,
    { ...GRPC, "grpc-timeout": "50m" },
    messagePrefix(0),
  );
  assert.equal(got["grpc-status"], String(Code.DEADLINE_EXCEEDED));
});

Deno.test("items keep the pace of a client that reads slowly, and end when it leaves", async () => {
  const ended = Promise.withResolvers<number>();
  await using served = await serving("streaming", async function* (_request, call) {
    let count = 0;
    try {
      for (; count < 1_000_000 && !call.signal.aborted; count++) yield "x".repeat(100_000);
    } finally {
      ended.resolve(count);
    }
  });
  const stream = served.stream("go");
  stream.on("error", () => {});
  await new Promise((resolve) => stream.once("data", resolve));
  stream.pause();
  await new Promise((resolve) => setTimeout(resolve, 200));
  stream.cancel();
  const count = await ended.promise;
  assert.ok(count < 1_000, `${count} items were made for nobody`);
});

Deno.test("a compressed message is refused with what is understood", async () => {
  await using served = await serving("unary", String);
  const zipped = served.connect({
    "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
  });
  await assert.rejects(served.ask("x".repeat(5_000), { client: zipped }), {
    code: Code.UNIMPLEMENTED,
    details: /found a compressed one/,
  });
});

Deno.test("requests that are no calls are refused as such", async () => {
  await using served = await serving("unary", String);
  const { port } = served;
  const get = await raw(port, { ":method": "GET" });
  assert.deepEqual([get[":status"], get.allow], [405, "POST"]);
  const json = { ":method": "POST", "content-type": "application/json" };
  assert.equal((await raw(port, json))[":status"], 415);
  const long = await raw(port, json, new Uint8Array(100_000));
  assert.equal(long[":status"], 415);
  const { te: _, ...proxied } = GRPC;
  assert.match(String((await raw(port, proxied))["grpc-message"]), /expected the header `te/);
  const nothing = await raw(port, GRPC, new Uint8Array());
  assert.equal(nothing["grpc-message"], "expected one message, found none");
  const cut = await raw(port, GRPC, Uint8Array.of(0, 0, 0, 0, 9, 1));
  assert.equal(cut["grpc-message"], "the last message is cut off");
  const huge = await raw(port, GRPC, Uint8Array.of(0, 127, 255, 255, 255));
  assert.equal(huge["grpc-status"], String(Code.RESOURCE_EXHAUSTED));
});

Deno.test("metadata comes and goes, binary too", async () => {
  const path = "/test.Service/Method";
  const method: Method = (call) => {
    call.begin([
      ["said", call.metadata("says").join()],
      ["raw-bin", "AP8"],
    ]);
    call.close(Code.OK, "", [["details-bin", "AQ"]]);
    return Promise.resolve();
  };
  await using server = new GrpcServer({ methods: new Map([[path, method]]) });
  const port = await server.listen({ hostname: "127.0.0.1", port: 0 });
  const got = await raw(port, { ...GRPC, says: "hello" });
  assert.equal(got.said, "hello");
  assert.equal(got["raw-bin"], "AP8");
  assert.equal(got["details-bin"], "AQ");
});

Deno.test("a server that ends lets its last call finish", async () => {
  const { promise: going, resolve: go } = Promise.withResolvers<void>();
  const { promise: come, resolve: arrived } = Promise.withResolvers<void>();
  await using served = await serving("unary", async () => {
    arrived();
    await going;
    return "done";
  });
  const last = served.ask("x");
  await come;
  const ended = served.server[Symbol.asyncDispose]();
  setTimeout(go, 50);
  assert.equal(await last, "done");
  await ended;
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: served.port }));
});

Deno.test("a client that is expelled hears why, its work ends, and the others are served on", async () => {
  const { promise: aborted, resolve: abort } = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  await using served = await serving("unary", (request, { signal }) => {
    if (request !== "hang") return request;
    begun.resolve();
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        abort(signal.reason.message);
        reject(signal.reason);
      });
    });
  });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const ways = { "grpc.use_local_subchannel_pool": 1 };
  const address = `127.0.0.1:${listener.addr.port}`;
  const client = new Client(address, credentials.createInsecure(), ways);
  const hanging = served.ask("hang", { client });
  const peer = served.server.serve(new ConnLink(await accepted));
  await begun.promise;
  peer.expel(new Unwelcome("somebody else has your place"));
  await assert.rejects(hanging, {
    code: Code.PERMISSION_DENIED,
    details: "somebody else has your place",
  });
  assert.equal(await aborted, "somebody else has your place");
  assert.equal(await served.ask("on"), "on");
  client.close();
});

Deno.test("a client that is expelled and stays is closed", async () => {
  await using served = await serving("unary", (request) => request);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const peer = served.server.serve(new ConnLink(await accepted));
  peer.expel(new Unwelcome("no"));
  for (const buffer = new Uint8Array(1024); await conn.read(buffer) !== null;);
});

class Unwelcome extends DriverError {
  override readonly code = Code.PERMISSION_DENIED;
}

Deno.test("a client may ping as often as it likes", async () => {
  await using served = await serving("unary", String);
  const session = http2.connect(`http://127.0.0.1:${served.port}`);
  let goaway = false;
  session.on("goaway", () => goaway = true);
  for (let count = 0; count < 200; count++) {
    await new Promise((resolve) => session.ping(resolve));
  }
  assert.equal(goaway, false);
  await new Promise<void>((resolve) => session.close(resolve));
});

Deno.test("a client that has gone silent is left", async () => {
  await using server = new GrpcServer({
    methods: new Map(),
    keepalive: { timeMs: 40, timeoutMs: 40 },
  });
  const port = await server.listen({ hostname: "127.0.0.1", port: 0 });
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new Uint8Array([...PREFACE, 0, 0, 0, 4, 0, 0, 0, 0, 0]));
  const heard: number[] = [];
  const buffer = new Uint8Array(1_000);
  for (let count; (count = await conn.read(buffer)) !== null;) {
    heard.push(...buffer.subarray(0, count));
  }
  const said = new TextDecoder().decode(Uint8Array.from(heard));
  assert.match(said, /no answer to a PING within 0\.04 s/);
});

Deno.test("over TLS calls are answered, and a peer that says nothing keeps no server", async () => {
  const { caPem, server: { certPem: cert, keyPem: key } } = await certificates();
  const path = "/test.Service/Method";
  const method = unary({ ...text, path }, (request) => `${request}!`);
  await using server = new GrpcServer({ methods: new Map([[path, method]]) });
  const port = await server.listen({ hostname: "127.0.0.1", port: 0, keys: { cert, key } });
  const client = new Client(`localhost:${port}`, credentials.createSsl(Buffer.from(caPem)));
  const answer = await new Promise((resolve, reject) => {
    client.makeUnaryRequest(path, (value: string) => Buffer.from(value), String, "hello", (
      error,
      response,
    ) => error ? reject(error) : resolve(response));
  });
  assert.equal(answer, "hello!");
  client.close();
  using silent = await Deno.connect({ hostname: "127.0.0.1", port });
  await server[Symbol.asyncDispose]();
  assert.equal(await silent.read(new Uint8Array(1)).catch(() => null), null);
});

/** Whether the other side closes `conn` within so many milliseconds. */
async function isClosed(conn: Deno.Conn, withinMs = 1_000): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) =>
    timer = setTimeout(() => resolve(false), withinMs)
  );
  const read = (async () => {
    const buffer = new Uint8Array(1_000);
    while (await conn.read(buffer).catch(() => null) !== null);
    return true;
  })();
  const closed = await Promise.race([late, read]);
  clearTimeout(timer);
  if (!closed) {
    conn.close();
    await read;
  }
  return closed;
}

const GREETING = new Uint8Array([...PREFACE, 0, 0, 0, 4, 0, 0, 0, 0, 0]);

Deno.test("a connection on which no call is let in is left, and one with a call is kept", async () => {
  const path = "/test.Service/Method";
  const methods = new Map([[path, unary({ ...text, path }, String)]]);
  await using server = new GrpcServer({ methods, firstCallMs: 1_000 });
  const port = await server.listen({ hostname: "127.0.0.1", port: 0 });
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(GREETING);
  assert.ok(await isClosed(conn, 3_000));
  conn.close();
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const ask = async () => {
    const call = session.request({ ":path": path, ...GRPC });
    call.end(messagePrefix(0));
    call.resume();
    await new Promise((resolve) => call.on("close", resolve));
  };
  await ask();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  assert.equal(session.closed, false);
  await ask();
  await new Promise<void>((resolve) => session.close(resolve));
});

for (const tls of [false, true]) {
  Deno.test(`unproven connections make room for others, the oldest first${tls ? ", over TLS" : ""}`, async () => {
    const { caPem, server: { certPem: cert, keyPem: key } } = await certificates();
    const path = "/test.Service/Method";
    const methods = new Map([[path, unary({ ...text, path }, String)]]);
    const limit = new ConnectionLimit(() => ({ unproven: 4, all: 100 }));
    await using server = new GrpcServer({ methods, limit });
    const place = { hostname: "127.0.0.1", port: 0 };
    const port = await server.listen(tls ? { ...place, keys: { cert, key } } : place);
    const silent: Deno.Conn[] = [];
    for (let count = 0; count < 12; count++) {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      if (count % 2 === 0) await conn.write(tls ? new Uint8Array([22, 3, 1, 2]) : GREETING);
      silent.push(conn);
    }
    const secure = tls ? credentials.createSsl(Buffer.from(caPem)) : credentials.createInsecure();
    const client = new Client(`localhost:${port}`, secure);
    const serialize = (value: string) => Buffer.from(value);
    const answer = await new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, serialize, String, "hello", (error, response) => {
        if (error) reject(error);
        else resolve(response);
      });
    });
    assert.equal(answer, "hello");
    assert.equal(limit.size, 1 + 4 - 1);
    const closed = await Promise.all(silent.map((conn) => isClosed(conn)));
    assert.deepEqual(closed, [...Array(9).fill(true), ...Array(3).fill(false)]);
    for (const conn of silent.slice(0, 9)) conn.close();
    client.close();
  });
}
