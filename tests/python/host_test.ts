/** Python drivers in children of a warm interpreter: how they are built, served and named. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { connectSession } from "../../src/client/connect.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { identity, lab, running, testPython } from "./lab.ts";

const SHELL = "jumpstarter_driver_shell.driver.Shell";
const TFTP = "jumpstarter_driver_tftp.driver.Tftp";
const TROUBLE = "trouble.Trouble";
const POWER = "jumpstarter_driver_power.driver.MockPower";

Deno.test("drivers are built as the official exporter builds them, at uuids of their paths", async () => {
  await using python = await lab();
  const { problems } = await python.warm.importTypes([SHELL, TFTP, POWER]);
  assert.deepEqual([...problems], []);
  const root = await Deno.makeTempDir();
  const entries = {
    "shell": { type: SHELL, config: { methods: { hello: "echo hello $1" } } },
    "tftp": {
      type: TFTP,
      config: { host: "127.0.0.1", port: 0, root_dir: root },
      description: "files",
    },
    "board.power": { type: POWER, methods_description: { on: "switches on" } },
  };
  const paths = ["shell", "tftp", "tftp.storage", "board.power"];
  for (let round = 0; round < 2; round++) {
    await using child = await running(python, entries);
    const { rows, problems } = child.launched;
    assert.deepEqual([...problems], []);
    assert.deepEqual(
      rows.map(({ path, uuid }) => [path, uuid]),
      paths.map((path) => [path, driverUuid(identity, path)]),
    );
    assert.equal(rows[1]!.description, "files");
    assert.deepEqual(rows[3], {
      path: "board.power",
      uuid: driverUuid(identity, "board.power"),
      labels: { "jumpstarter.dev/client": "jumpstarter_driver_power.client.PowerClient" },
      methodsDescription: { on: "switches on" },
    });
    assert.deepEqual(await child.call("shell", "get_methods"), ["hello"]);
    assert.equal(await child.call("board.power", "on"), null);
  }
  await Deno.remove(root, { recursive: true });
});

Deno.test("drivers find the programs of their packages, after all others of PATH", async () => {
  await using python = await lab();
  const methods = { tool: "command -v pyserial-miniterm", python: "command -v python3" };
  await using child = await running(python, { "shell": { type: SHELL, config: { methods } } });
  const { uuid } = child.launched.rows[0]!;
  const found = async (method: string) => {
    const answers = await Array.fromAsync(child.client.stream(uuid, "call_method", [method, {}]));
    return answers.map((answer) => (answer as string[])[0]).join("").trim();
  };
  assert.equal(await found("tool"), `${dirname(await testPython())}/pyserial-miniterm`);
  assert.notEqual(await found("python"), `${dirname(await testPython())}/python3`);
});

Deno.test("drivers that cannot be built are told by entry, and do no harm to others", async () => {
  await using python = await lab();
  await using child = await running(python, {
    "power": { type: POWER, config: null, children: null, unknown: 1 },
    "absent": { type: "jumpstarter_driver_absent.driver.Absent" },
    "noclass": { type: "trouble.Nothing" },
    "config": { type: TROUBLE, config: { slow_close: "soon" } },
    "list": { type: TROUBLE, config: [1] },
    "reset": { type: TROUBLE, config: { fail_reset: true } },
    "board.lost": { ref: "nothing.there" },
    "board.follows": { ref: "config" },
    "board.self": { ref: "board.self" },
    "board.power": { ref: "power" },
  });
  const { rows, problems } = child.launched;
  assert.deepEqual(rows.map(({ path }) => path), ["power", "board.power"]);
  assert.equal(rows[0]!.uuid, rows[1]!.uuid);
  assert.equal(await child.call("power", "on"), null);
  const told = Object.fromEntries(Array.from(problems, ([path, { message }]) => [path, message]));
  assert.match(
    told["absent"]!,
    /needs the package jumpstarter-driver-absent, which is not installed/,
  );
  assert.match(told["noclass"]!, /Cannot build trouble.Nothing: AttributeError: .*'Nothing'/);
  assert.match(told["config"]!, /Cannot build trouble.Trouble: ValidationError: slow_close: /);
  assert.match(told["list"]!, /ValueError: config: expected a mapping, found list/);
  assert.match(told["reset"]!, /RuntimeError: does not answer/);
  assert.match(told["board.lost"]!, /nothing.there/);
  assert.match(told["board.follows"]!, /config could not be built/);
  assert.match(told["board.self"]!, /one that leads back to itself/);
  assert.equal(problems.size, 8);
});

Deno.test("several children run at a time, each with a session and folders of its own", async () => {
  await using python = await lab();
  const entries = { trouble: { type: TROUBLE } };
  const children = await Promise.all([1, 2, 3].map(() => running(python, entries)));
  const facts = await Promise.all(children.map(({ call }) => {
    return call("trouble", "facts") as Promise<Record<string, unknown>>;
  }));
  assert.equal(new Set(facts.map(({ temporary }) => temporary)).size, 3);
  for (const { session, stdin, path, descriptors } of facts) {
    assert.deepEqual({ session, stdin, path }, { session: true, stdin: "/dev/null", path: [] });
    // Nothing of the host's is open: only sockets, the event loop's descriptors and devices.
    const others = (descriptors as string[]).filter((name) =>
      !/^(socket|anon_inode):|^\/dev\//.test(name)
    );
    const given = (await Array.fromAsync(Deno.readDir("/proc/self/fd"))).map(({ name }) =>
      linkOf(name)
    );
    assert.deepEqual(others.filter((name) => !given.includes(name)), []);
  }
  await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
});

Deno.test("a driver uses a driver of the exporter by a stand-in", async () => {
  await using python = await lab();
  await using exporter = await running(python, {
    power: { type: POWER },
    echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
    trouble: { type: TROUBLE },
  });
  const [power, echo, trouble] = exporter.launched.rows.map(({ uuid }) => uuid);
  const standIns = [
    { path: "user.other", uuid: trouble!, config: { pins: [4] }, client: "vendor.Client" },
    { path: "relay", uuid: power!, config: {} },
    { path: "loop", uuid: echo!, config: {} },
  ];
  const use = (other: unknown) => ({ type: "trouble.User", children: { other } });
  await using child = await running(python, {
    user: use({ type: "vendor.ts" }),
    relayUser: use({ ref: "relay" }),
    loopUser: use({ ref: "loop" }),
  }, { standIns, parentSocket: exporter.launched.socket });
  assert.deepEqual([...child.launched.problems], []);
  assert.deepEqual(await child.call("user", "what"), ["StandIn", "StandIn", trouble]);
  assert.deepEqual(await child.call("user", "attribute", "pins"), [4]);
  assert.equal(await child.call("user", "sync_call", "log", 1), null);
  assert.equal(await child.call("relayUser", "async_call", "on"), null);
  assert.equal(await child.call("loopUser", "echo", "hello"), "hello");
  await assert.rejects(child.call("user", "async_call", "nothing"), /nothing/);
  const row = child.launched.rows.find(({ path }) => path === "user.other")!;
  assert.equal(row.uuid, trouble);
  assert.equal(row.labels["jumpstarter.dev/client"], "vendor.Client");
});

Deno.test("a ref gives a driver the driver itself, also while it is made", async () => {
  await using python = await lab();
  await using child = await running(python, {
    user: { type: "trouble.User", children: { other: { ref: "board.power" } } },
    "board.power": { type: POWER },
  });
  const { rows } = child.launched;
  assert.deepEqual(rows.map(({ path }) => path).sort(), ["board.power", "user", "user.other"]);
  const uuid = rows.find(({ path }) => path === "board.power")!.uuid;
  assert.equal(rows.find(({ path }) => path === "user.other")!.uuid, uuid);
  assert.deepEqual(await child.call("user", "what"), ["MockPower", "MockPower", uuid]);
});

Deno.test("a child answers at its socket for its owner only", async () => {
  await using python = await lab();
  await using child = await running(python, { power: { type: POWER } });
  const { mode } = await Deno.stat(child.launched.socket);
  assert.equal(mode! & 0o777, 0o600);
  await using client = await connectSession({ kind: "unix", path: child.launched.socket });
  assert.equal((await client.status()).status, ExporterStatus.EXPORTER_STATUS_LEASE_READY);
});

function linkOf(descriptor: string): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined; // that of the list
  }
}
