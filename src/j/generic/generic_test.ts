/** `j tree`, `j call` and `j stream`: the commands for drivers of any client class. */
import assert from "node:assert/strict";
import { serve, type Served } from "../testing.ts";

const MOCK = "jumpstarter_driver_power.driver.MockPower";
const COMPOSITE = "jumpstarter_driver_composite.driver.Composite";
const TCP = "jumpstarter_driver_network.driver.TcpNetwork";
const OPENDAL = "jumpstarter_driver_opendal.driver.Opendal";

const encoder = new TextEncoder();

/** An exporter with a driver that has children, and one that is degraded. */
async function withTree(use: (served: Served) => Promise<void>): Promise<void> {
  await using served = await serve({
    power: { type: MOCK, description: "Main switch" },
    board: { type: COMPOSITE, children: { "in.ner": { type: MOCK } } },
    store: { type: OPENDAL, config: { scheme: "fs", kwargs: { root: "/proc/nope" } } },
  });
  await use(served);
}

Deno.test("j tree lists names, classes, descriptions, and why a driver does not work", async () => {
  await withTree(async ({ j }) => {
    const { code, out, err } = await j(["tree"]);
    assert.deepEqual({ code, err }, { code: 0, err: "" });
    assert.match(out, /^power {5}PowerClient {6}Main switch\nboard {5}CompositeClient\n/);
    assert.match(out, /\n {2}in\.ner {2}PowerClient\nstore {5}OpendalClient\n {10}not available: /);
    assert.match(out, /\/proc\/nope/);
    for (const line of out.split("\n")) assert.ok(line.length <= 80, line);
  });
});

Deno.test("j tree --json tells all about the drivers, wherever the option stands", async () => {
  await withTree(async ({ j }) => {
    const trees = await Promise.all([["--json", "tree"], ["tree", "--json"]].map(async (args) => {
      return JSON.parse((await j(args)).out);
    }));
    assert.deepEqual(trees[0], trees[1]);
    const [power, board, store] = trees[0].children;
    assert.deepEqual(power.health, { state: "open" });
    assert.equal(power.client, "jumpstarter_driver_power.client.PowerClient");
    assert.equal(board.children[0].path, "board.in.ner");
    assert.equal(store.health.state, "degraded");
    assert.match(store.health.reason, /\/proc\/nope/);
  });
});

Deno.test("j call calls methods of either kind once, and prints results as JSON", async () => {
  await withTree(async ({ j }) => {
    assert.deepEqual(await j(["call", "power", "on"]), { code: 0, out: "", err: "" });
    assert.equal((await j(["call", "--json", "power", "on"])).out, "null\n");
    for (const path of ["power", "board.in.ner", "board/in.ner"]) {
      const { out } = await j(["call", path, "read"]);
      assert.deepEqual(out, '{"voltage":0,"current":0}\n{"voltage":5,"current":2}\n', path);
    }
  });
});

Deno.test("j call names what there is where a driver or method is not known", async () => {
  const mistakes: [string[], RegExp][] = [
    [["powr", "on"], /^Error: no driver 'powr'; did you mean 'power'\?; 'j tree' lists/],
    [["board.in.nr", "on"], /^Error: no driver 'board.in.nr'; did you mean 'board.in.ner'\?/],
    [["power", "onn"], /^Error: method onn not found on driver: .* has on, off, read; did you/],
    [["power", "constructor"], /^Error: method constructor not found on driver/],
    [["power", "on", "1"], /^Error: method on takes no arguments, found 1/],
    [["--nope", "power"], /^Usage: [^]*No such option '--nope'/],
    [["store", "exists"], /^Error: driver 'store' is not available: .*\/proc\/nope/],
  ];
  await withTree(async ({ j }) => {
    for (const [args, message] of mistakes) {
      const { code, out, err } = await j(["call", ...args]);
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.match(err, message);
      if (!err.startsWith("Usage:")) assert.equal(err.split("\n").length, 2, "one line");
    }
  });
});

/** A TCP server that answers each connection by `answer`. */
function listen(answer: (connection: Deno.TcpConn) => Promise<unknown>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) await answer(connection).catch(() => {});
  })();
  return {
    net: { type: TCP, config: { host: "127.0.0.1", port: listener.addr.port } },
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

Deno.test("j stream passes bytes both ways, and the end of standard input", async () => {
  await using server = listen(async (connection) => {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const buffer = new Uint8Array(1024);
      const count = await connection.read(buffer);
      if (count === null) break;
      chunks.push(buffer.subarray(0, count));
    }
    // The answer comes after the end of what was sent.
    for (const chunk of chunks) await connection.write(chunk);
    connection.close();
  });
  await using served = await serve({ net: server.net });
  async function* input() {
    yield encoder.encode("hello ");
    yield encoder.encode("there\n");
  }
  const answer = { code: 0, out: "hello there\n", err: "" };
  assert.deepEqual(await served.j(["stream", "net"], { input: input() }), answer);
  assert.deepEqual(await served.j(["stream", "net", "connect"], { input: input() }), answer);
});

Deno.test("j stream ends when the driver does, and with 130 on Ctrl-C", async () => {
  const end = Promise.withResolvers<void>();
  await using server = listen(async (connection) => {
    await connection.write(encoder.encode("bye\n"));
    await Promise.race([end.promise, connection.read(new Uint8Array(1))]);
    connection.close();
  });
  await using served = await serve({ net: server.net });
  async function* silence() {
    await end.promise;
    yield new Uint8Array();
  }
  const abort = new AbortController();
  const interrupted = await served.j(["stream", "net"], {
    input: silence(),
    interrupt: abort.signal,
    onOut: () => abort.abort(),
  });
  assert.deepEqual(interrupted, { code: 130, out: "bye\n", err: "" });
  const ended = await served.j(["stream", "net"], { input: silence(), onOut: () => end.resolve() });
  assert.deepEqual(ended, { code: 0, out: "bye\n", err: "" });
});

Deno.test("j call says how a byte stream is reached", async () => {
  await using server = listen((connection) => Promise.resolve(connection.close()));
  await using served = await serve({ net: server.net });
  const { code, err } = await served.j(["call", "net", "connect"]);
  assert.equal(code, 1);
  assert.match(err, /^Error: connect of net is a byte stream: use 'j stream net connect'\n$/);
  await withTree(async ({ j }) => {
    const call = await j(["stream", "power", "read"]);
    assert.equal(call.code, 1);
    assert.match(
      call.err,
      /^Error: read of power is not a byte stream: use 'j call power read'\n$/,
    );
  });
});

Deno.test("drivers may have the other names of the generic commands, too", async () => {
  await using served = await serve({ tree: { type: MOCK }, "@tree": { type: MOCK } });
  assert.deepEqual(await served.j(["@tree", "on"]), { code: 0, out: "", err: "" });
  assert.equal((await served.j(["tree", "off"])).code, 0);
});

Deno.test("drivers called tree, call or stream keep their commands", async () => {
  await using served = await serve({ tree: { type: MOCK }, call: { type: MOCK } });
  assert.deepEqual(await served.j(["tree", "on"]), { code: 0, out: "", err: "" });
  assert.match((await served.j(["@tree"])).out, /^tree {2}PowerClient\ncall {2}PowerClient\n$/);
  assert.equal((await served.j(["@call", "call", "on"])).code, 0);
  const { out } = await served.j(["--help"]);
  assert.match(out, /\nCommands for any driver:\n {2}@call .*\n {2}@tree .*\n {2}stream /);
});
