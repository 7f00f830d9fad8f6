import assert from "node:assert/strict";
import { parse } from "yaml";
import { manifests } from "../../drivers/mod.ts";
import { parseConfig } from "../config/parse.ts";
import { createRegistry } from "../driver/manifest.ts";
import { readProgram } from "../foreign/exec/program.ts";
import { site, source } from "../foreign/worker/testing.ts";
import { customDrivers, describeDriver, listDrivers, nativeDrivers, programs } from "./mod.ts";

/** The config of a custom driver that tells everything about itself. */
const RELAY = `
  summary: "a relay of the lab",
  config: z.strictObject({
    url: z.string().describe("address of the relay").meta({ examples: ["http://relay"] }),
    port: z.preprocess(Number, z.int().min(1)).default(1).describe("number of the port"),
    mode: z.enum(["a", "b"]).nullish(),
  }),
  methods: { calls: { "on()": "switches on" } },
  children: true,
  open: () => ({}),`;

Deno.test("listDrivers() lists every built-in driver once", async () => {
  const drivers = await listDrivers([nativeDrivers, nativeDrivers]);
  assert.deepEqual(drivers.map(({ type }) => type), manifests.map(({ type }) => type));
  assert.ok(drivers.every(({ from, summary }) => from === "built in" && summary));
});

for (const { type } of manifests) {
  Deno.test(`the sample of ${type} is a config without a mistake`, async () => {
    const driver = await describeDriver(type, [nativeDrivers]);
    assert.ok(!("problem" in driver));
    const head = "metadata: {namespace: lab, name: demo}\n";
    const loader = { find: () => Promise.resolve(undefined) };
    const options = { registry: createRegistry(manifests), loader, env: {} };
    for (const text of [driver.sample, driver.sample.replaceAll("# ", "")]) {
      const { config, diagnostics } = await parseConfig(head + text, "x.yaml", options);
      assert.deepEqual(diagnostics, [], text);
      const [entry] = config!.export;
      assert.ok(entry?.kind === "driver" && entry.type === type);
    }
  });
}

Deno.test("describeDriver() tells the labels of a driver, and what a program needs", async () => {
  const bus = await describeDriver("DbusNetwork", [nativeDrivers]);
  assert.ok(!("problem" in bus));
  assert.deepEqual(bus.labels, { "jumpstarter.dev/dbusnetwork/kind": "system" });
  const program = await describeDriver("exec", [nativeDrivers, programs]);
  assert.ok(!("problem" in program));
  const { relay } = parse(program.sample).export;
  assert.deepEqual(readProgram(relay)?.command, ["./relay", "--gpio", "4"]);
  const names = program.keys!.map(({ name }) => name);
  const config = Object.fromEntries(names.map((name) => [name, undefined]));
  assert.ok(readProgram({ type: "exec", config: { ...config, command: "a" } }));
});

Deno.test("describeDriver() tells the config and the methods of a custom driver", async () => {
  await using place = await site({ "relay.ts": source("acme.Relay", RELAY) });
  const problems: string[] = [];
  const custom = customDrivers(place.drivers, (problem) => void problems.push(problem));
  const places = [nativeDrivers, custom];
  const listed = (await listDrivers(places)).at(-1);
  const about = {
    type: "acme.Relay",
    client: "jumpstarter.client.DriverClient",
    origin: "custom",
    from: `${place.dir}/relay.ts`,
    summary: "a relay of the lab",
  };
  assert.deepEqual(listed, about);
  assert.deepEqual(await describeDriver("Relay", places), {
    ...about,
    keys: [
      {
        name: "url",
        type: "string",
        required: true,
        meaning: "address of the relay",
        example: "http://relay",
      },
      {
        name: "port",
        type: "integer",
        required: false,
        default: 1,
        meaning: "number of the port",
      },
      { name: "mode", type: "a | b or null", required: false },
    ],
    methods: { calls: { "on()": "switches on" } },
    children: "the drivers below 'children:' of its entry",
    sample: `export:
  relay:
    type: acme.Relay
    config:
      url: http://relay
      # port: 1
    children:
      power:
        type: jumpstarter_driver_power.driver.MockPower`,
  });
  const file = await describeDriver(`${place.dir}/relay.ts`, places);
  assert.ok(!("problem" in file) && file.keys?.length === 3);
  assert.deepEqual(problems, []);
});

Deno.test("describeDriver() tells what it can of a driver whose schema is not one of the SDK", async () => {
  const config = "config: { safeParseAsync: async (data) => ({ success: true, data }) },";
  await using place = await site({ "a.ts": source("acme.A", `${config} open: () => ({}),`) });
  const driver = await describeDriver("acme.A", [customDrivers(place.drivers, () => {})]);
  assert.ok(!("problem" in driver));
  assert.equal(driver.keys, undefined);
  assert.equal(driver.methods, undefined);
});

Deno.test("a file that cannot be used is reported, and the others are listed", async () => {
  await using place = await site({
    "bad.ts": "throw new Error('broken')",
    "good.ts": source("acme.Good", "open: () => ({}),"),
  });
  const problems: string[] = [];
  const custom = customDrivers(place.drivers, (problem) => void problems.push(problem));
  assert.deepEqual((await listDrivers([custom])).map(({ type }) => type), ["acme.Good"]);
  assert.match(place.warnings.join(), /bad\.ts: .*broken/);
  const { problem } = await describeDriver(`${place.dir}/bad.ts`, [custom]) as { problem: string };
  assert.match(problem, /cannot describe .*bad\.ts/);
  assert.match(problems.join(), /broken/);
});

Deno.test("describeDriver() says of an official driver that is not there how to install it", async () => {
  const { problem } = await describeDriver("Shell", [nativeDrivers]) as { problem: string };
  assert.match(problem, /jmp driver install jumpstarter_driver_shell\.driver\.Shell/);
  const { problem: typo } = await describeDriver("MockPwer", [nativeDrivers]) as {
    problem: string;
  };
  assert.match(typo, /did you mean 'MockPower'\?/);
});
