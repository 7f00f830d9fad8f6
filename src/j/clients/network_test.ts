/** The commands of network endpoints, with real endpoints behind a real exporter. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { WebSocketServer } from "ws";
import { ConnStream } from "../../base/conn_stream.ts";
import { testFolder } from "../../files/testing.ts";
import { type Ran, serve, type Served } from "../testing.ts";
import { splitAddress } from "./network.ts";

const DRIVERS = "jumpstarter_driver_network.driver";
const ECHO = { type: `${DRIVERS}.EchoNetwork` };

/** Runs a forward while `use` uses its address, then interrupts it unless it has ended. */
async function withForward(
  { j }: Served,
  args: readonly string[],
  use: (address: string, running: Promise<Ran>) => Promise<void>,
): Promise<Ran> {
  const interrupt = new AbortController();
  const address = Promise.withResolvers<string>();
  const onOut = (text: string) => text.endsWith("\n") && address.resolve(text.trimEnd());
  const running = j(args, { interrupt: interrupt.signal, onOut });
  running.then(({ err }) => address.reject(new Error(err)));
  try {
    await use(await address.promise, running);
  } finally {
    interrupt.abort();
  }
  return await running;
}

async function dial(address: string): Promise<ConnStream> {
  if (address.startsWith("/")) {
    return new ConnStream(await Deno.connect({ transport: "unix", path: address }));
  }
  const { host, port } = splitAddress(address);
  return new ConnStream(await Deno.connect({ hostname: host, port: Number(port) }));
}

/** Sends `sent`, and reads until as many bytes have come back. */
async function echoed(address: string, sent: string): Promise<string> {
  const stream = await dial(address);
  stream.write(sent);
  let back = "";
  for await (const chunk of stream) {
    back += new TextDecoder().decode(chunk);
    if (back.length >= sent.length) break;
  }
  return back;
}

Deno.test("j NETWORK forward-tcp carries HTTP, prints its address only, and ends with 130", async () => {
  const serving = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    return new Response(`you asked for ${new URL(request.url).pathname}`);
  });
  await using _server = { [Symbol.asyncDispose]: () => serving.shutdown() };
  const { port } = serving.addr;
  const type = `${DRIVERS}.TcpNetwork`;
  await using served = await serve({ web: { type, config: { host: "127.0.0.1", port } } });
  const ran = await withForward(served, ["web", "forward-tcp", "0"], async (address) => {
    assert.match(address, /^127\.0\.0\.1:\d+$/);
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) => {
      return await (await fetch(`http://${address}/${index}`)).text();
    }));
    assert.deepEqual(answers, answers.map((_, index) => `you asked for /${index}`));
  });
  assert.deepEqual({ code: ran.code, err: ran.err }, { code: 130, err: "" });
});

Deno.test("j NETWORK forward-tcp and forward-unix listen where they are told", async () => {
  await using served = await serve({ echo: ECHO });
  await using folder = await testFolder();
  const dir = folder.path;
  const path = `${dir}/echo`;
  const listening = [
    [["forward-tcp", "--address", "::1", "0"], /^\[::1\]:\d+$/],
    [["forward-tcp", "--address=127.0.0.2", "0"], /^127\.0\.0\.2:\d+$/],
    [["forward-unix", path], new RegExp(`^${path}$`)],
    [["forward-unix"], /\/jumpstarter-[^/]+\/socket$/],
  ] as const;
  for (const [args, expected] of listening) {
    const { code } = await withForward(served, ["echo", ...args], async (address) => {
      assert.match(address, expected);
      assert.equal(await echoed(address, "hello"), "hello");
    });
    assert.equal(code, 130);
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(dir)), []);
});

Deno.test("j NETWORK forward-tcp says why a connection failed, and goes on", async () => {
  const type = `${DRIVERS}.UnixNetwork`;
  await using served = await serve({ unix: { type, config: { path: "/tmp/no-such-socket" } } });
  const { code, err } = await withForward(served, ["unix", "forward-tcp", "0"], async (address) => {
    for (let count = 0; count < 2; count++) assert.equal(await echoed(address, "x"), "");
  });
  assert.equal(code, 130);
  const line = "A connection ended: Cannot connect to unix /tmp/no-such-socket: [^\n]*\n";
  assert.match(err, new RegExp(`^(${line}){2}$`));
});

Deno.test("j NETWORK forward-tcp ends when the exporter is gone", async () => {
  await using served = await serve({ echo: ECHO });
  const args = ["echo", "forward-tcp", "0"];
  const { code, err } = await withForward(served, args, async (_address, running) => {
    await served[Symbol.asyncDispose]();
    await running;
  });
  assert.deepEqual({ code, err }, {
    code: 1,
    err: "Error: lost the connection to the exporter; the forward ends\n",
  });
});

Deno.test("j NETWORK forward-tcp reaches a WebSocket server", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await new Promise((resolve) => server.once("listening", resolve));
  server.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
  const { port } = server.address() as { port: number };
  const config = { url: `ws://127.0.0.1:${port}/` };
  await using served = await serve({ ws: { type: `${DRIVERS}.WebsocketNetwork`, config } });
  await withForward(served, ["ws", "forward-tcp", "0"], async (address) => {
    assert.equal(await echoed(address, "hello"), "hello");
  });
  for (const client of server.clients) client.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** A bus that refuses everybody, as the D-Bus specification's authentication protocol says it. */
async function startBus() {
  const folder = await testFolder();
  const path = `${folder.path}/bus`;
  const listener = Deno.listen({ transport: "unix", path });
  const served = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(64));
      await connection.write(new TextEncoder().encode("REJECTED EXTERNAL\r\n"));
      connection.close();
    }
  })();
  return {
    address: `unix:path=${path}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
      await folder[Symbol.asyncDispose]();
    },
  };
}

Deno.test("j NETWORK forward-unix reaches the bus of a DbusNetwork", async () => {
  await using bus = await startBus();
  Deno.env.set("DBUS_SESSION_BUS_ADDRESS", bus.address);
  using scope = new DisposableStack();
  scope.defer(() => Deno.env.delete("DBUS_SESSION_BUS_ADDRESS"));
  const type = `${DRIVERS}.DbusNetwork`;
  await using served = await serve({ bus: { type, config: { kind: "session" } } });
  const { code } = await withForward(served, ["bus", "forward-unix"], async (address) => {
    const stream = await dial(address);
    stream.write("\0AUTH\r\n");
    assert.equal(await text(stream), "REJECTED EXTERNAL\r\n");
  });
  assert.equal(code, 130);
});

Deno.test("j NETWORK address prints the address, or a part of it", async () => {
  const tcp = (host: string) => ({ type: `${DRIVERS}.TcpNetwork`, config: { host, port: 8080 } });
  const config = { url: "wss://user:secret@bench.example:99/x?y=1" };
  await using served = await serve({
    four: tcp("127.0.0.1"),
    six: tcp("::1"),
    ws: { type: `${DRIVERS}.WebsocketNetwork`, config },
  });
  const answers: Record<string, string[]> = {
    four: ["127.0.0.1:8080", "127.0.0.1", "8080", "127.0.0.1:8080"],
    six: ["[::1]:8080", "::1", "8080", "[::1]:8080"],
    ws: ["bench.example:99", "bench.example", "99", "bench.example:99"],
  };
  for (const [name, lines] of Object.entries(answers)) {
    for (const [index, args] of [[], ["--host"], ["--port"], ["--host", "--port"]].entries()) {
      const expected = { code: 0, out: `${lines[index]}\n`, err: "" };
      assert.deepEqual(await served.j([name, "address", ...args]), expected);
    }
  }
  const { out } = await served.j(["six", "address", "--json"]);
  assert.deepEqual(JSON.parse(out), { host: "::1", port: 8080 });
});

Deno.test("j NETWORK address says why there is none", async () => {
  const type = `${DRIVERS}.TcpNetwork`;
  const config = { host: "127.0.0.1", port: 1, enable_address: false };
  await using served = await serve({ echo: ECHO, closed: { type, config } });
  for (const [name, why] of [["echo", /has no address/], ["closed", /enable_address/]] as const) {
    const { code, out, err } = await served.j([name, "address"]);
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    assert.match(err, /^Error: [^\n]*\n$/);
    assert.match(err, why);
  }
});

Deno.test("j NETWORK forward-tcp names a port that cannot be used", async () => {
  await using served = await serve({ echo: ECHO });
  for (const [port, why] of [["x", "a valid integer"], ["70000", "in the range 0<=x<=65535"]]) {
    const { code, err } = await served.j(["echo", "forward-tcp", port!]);
    assert.equal(code, 1);
    assert.match(err, /^Usage: j echo forward-tcp \[OPTIONS\] PORT\n/);
    assert.ok(err.includes(`Error: Invalid value for 'PORT': `) && err.includes(why!), err);
  }
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, err } = await served.j(["echo", "forward-tcp", String(taken.addr.port)]);
  assert.equal(code, 1);
  assert.match(err, /^Error: Cannot listen on localhost:\d+: another program listens there\n$/);
});

Deno.test("splitAddress() reads addresses as the drivers tell them", () => {
  const cases = {
    "tcp://10.0.0.1:22": { host: "10.0.0.1", port: "22" },
    "udp://[fe80::1]:53": { host: "fe80::1", port: "53" },
    "board:80": { host: "board", port: "80" },
    "ws://board/path:1": { host: "board", port: "" },
  };
  for (const [address, parts] of Object.entries(cases)) {
    assert.deepEqual(splitAddress(address), parts);
  }
});
