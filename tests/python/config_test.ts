/** Configs with Python drivers, served by an exporter. */
import assert from "node:assert/strict";
import { driverUuid } from "../../src/tree/uuid.ts";
import { Code } from "../../src/wire/error.ts";
import { hosted } from "./hosted.ts";
import { until } from "../until.ts";

const identity = { namespace: "lab", name: "python" };

const CLIENT = "jumpstarter.dev/client";

Deno.test("Python drivers stand in the report with what they make themselves, under stable uuids", async () => {
  await using lab = await hosted(`
  alias: {ref: group.maker.made}
  group:
    children:
      maker: {type: site_drivers.Maker, description: makes a child, config: {log_level: DEBUG}}
`);
  const paths = ["group", "group.maker", "group.maker.made"];
  for (const path of paths) assert.equal(lab.row(path).uuid, driverUuid(identity, path));
  assert.equal(lab.row("alias").uuid, lab.row("group.maker.made").uuid);
  assert.equal(lab.row("group.maker").description, "makes a child");
  assert.equal(await lab.call("alias", "give", "through the alias"), "through the alias");
});

Deno.test("calls pass values, streams, words and codes as the Python driver gives them", async () => {
  await using lab = await hosted(`
  plain: {type: site_drivers.Plain}
`);
  const value = { list: [1, 2.5, null, "ä\\u0000", { deep: [[]] }], yes: true, big: 2 ** 53 };
  assert.deepEqual(await lab.call("plain", "give", value), value);
  const items = await Array.fromAsync(lab.client.stream(lab.row("plain").uuid, "count", [3]));
  assert.deepEqual(items, [0, 1, 2]);
  const codes = [["value", Code.INVALID_ARGUMENT], ["time", Code.DEADLINE_EXCEEDED], [
    "none",
    Code.UNIMPLEMENTED,
  ], ["other", Code.UNKNOWN]] as const;
  for (const [kind, code] of codes) {
    await assert.rejects(lab.call("plain", "fail", kind), { code, message: "no way" });
  }
  await assert.rejects(lab.call("plain", "nothing"), { code: Code.NOT_FOUND });
});

Deno.test("what a Python driver logs comes with the driver's name, once to each client", async () => {
  await using lab = await hosted(`
  one: {type: site_drivers.Plain}
  two: {type: site_drivers.Plain}
`);
  await lab.call("two", "say", "hello from two");
  await until(() => lab.records.some(({ message }) => message === "hello from two"));
  const found = lab.records.filter(({ message }) => message === "hello from two");
  assert.deepEqual(found.map(({ severity, logger, origin }) => [severity, logger, origin]), [
    ["warning", "two", "driver"],
  ]);
});

Deno.test("a Python driver uses its children and references as Python objects, which clients share", async () => {
  await using lab = await hosted(`
  power: {type: jumpstarter_driver_power.driver.SyncMockPower}
  user:
    type: site_drivers.User
    children:
      power: {ref: power}
      echo: {type: jumpstarter_driver_network.driver.EchoNetwork}
      plain: {type: site_drivers.Plain, config: {url: "child://"}}
      made: {ref: maker.made}
  maker: {type: site_drivers.Maker}
`);
  assert.equal(await lab.call("user", "press", "power"), null);
  assert.equal(await lab.call("user", "echo", "echo", "through Python"), "through Python");
  assert.equal(await lab.call("user", "url_of", "plain"), "child://");
  assert.equal(await lab.call("user", "url_of", "made"), "made://");
  assert.equal(lab.row("user.power").uuid, lab.row("power").uuid);
  assert.equal(lab.row("user.made").uuid, lab.row("maker.made").uuid);
  assert.equal(lab.row("power").labels[CLIENT], "jumpstarter_driver_power.client.PowerClient");
  assert.equal(await lab.call("power", "on"), null);
});

const RELAY = `
export const Relay = ({ defineDriver, z }) =>
  defineDriver({
    client: "acme.client.Relay",
    config: z.strictObject({ url: z.string() }),
    open: () => ({
      calls: { on: () => "the relay is on" },
      bytes: { connect: async () => (await import("node:stream")).default.PassThrough() },
    }),
  });
`;

Deno.test("a driver of this program below a Python driver is called through a stand-in", async () => {
  await using lab = await hosted(
    `
  relay: {type: ./relay.ts#Relay, config: {url: "relay://top"}}
  user:
    type: site_drivers.User
    children:
      own: {type: ./relay.ts#Relay, config: {url: "relay://own"}}
      other: {ref: relay}
`,
    { "relay.ts": RELAY },
  );
  for (const name of ["own", "other"]) {
    assert.equal(await lab.call("user", "press", name), "the relay is on");
    assert.equal(await lab.call(`user.${name}`, "on"), "the relay is on");
  }
  assert.equal(await lab.call("user", "url_of", "own"), "relay://own");
  assert.equal(await lab.call("user", "url_of", "other"), "relay://top");
  assert.equal(lab.row("user.other").uuid, lab.row("relay").uuid);
  assert.equal(lab.row("relay").labels[CLIENT], "acme.client.Relay");
});

Deno.test("a driver that cannot be built is degraded alone, with the reason", async () => {
  await using lab = await hosted(`
  broken: {type: site_drivers.Broken}
  misspelt: {type: site_drivers.Plane}
  wrong: {type: site_drivers.Plain, config: {url: [1]}}
  missing: {type: nowhere_at_all.Driver}
  fine: {type: site_drivers.Plain}
  lost: {ref: fine.nothing}
`);
  assert.equal(await lab.call("fine", "give", 1), 1);
  const reasons = {
    broken: /site_drivers.Broken: RuntimeError: not plugged in/,
    misspelt: /site_drivers.Plane.*Plane/s,
    wrong: /ValidationError: .*url/,
    missing: /jmp driver install nowhere_at_all.Driver/,
    lost: /'fine' has no driver 'fine.nothing'/,
  };
  for (const [path, reason] of Object.entries(reasons)) {
    await assert.rejects(lab.call(path, "give", 1), (error: Error) => {
      assert.match(error.message, reason);
      return true;
    });
  }
});

Deno.test("native drivers are preferred, 'python: true' hosts one, 'own: true' in a process of its own", async () => {
  await using lab = await hosted(`
  native: {type: jumpstarter_driver_power.driver.MockPower}
  python: {type: jumpstarter_driver_power.driver.MockPower, python: true}
  one: {type: site_drivers.Plain}
  two: {type: site_drivers.Plain}
  alone: {type: site_drivers.Plain, python: {own: true}}
`);
  assert.deepEqual(lab.diagnostics, []);
  assert.equal(await lab.call("native", "on"), null);
  assert.equal(await lab.call("python", "on"), null);
  await assert.rejects(lab.call("python", "nothing"), {
    message: "method nothing not found on driver",
  });
  const pids = [];
  for (const name of ["one", "two", "alone"]) pids.push(await lab.call(name, "pid"));
  assert.equal(pids[0], pids[1]);
  assert.notEqual(pids[0], pids[2]);
  Deno.kill(pids[2] as number, "SIGKILL");
  await assert.rejects(
    async () => {
      for (;;) await lab.call("alone", "nothing to call");
    },
    (error: Error & { code: Code }) =>
      error.code === Code.NOT_FOUND || error.code === Code.UNAVAILABLE,
  );
  assert.equal(await lab.call("one", "pid"), pids[0]);
  assert.notEqual(await lab.call("alone", "pid"), pids[2]);
});
