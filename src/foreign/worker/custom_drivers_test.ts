import assert from "node:assert/strict";
import { probeDriver } from "../../tree/testing.ts";
import { lease, site, source } from "./testing.ts";

const OPEN = `open() { return { calls: { hello: () => "hello" } }; },`;

Deno.test("find() gives the driver whose file declares the type", async () => {
  await using place = await site({
    "a.ts": source("acme.A", OPEN),
    "b.js": source("acme.B", OPEN),
    "notes.txt": "not a driver",
    "types.d.ts": "export declare const x: number;",
  });
  const factory = await place.factory("acme.B");
  assert.equal(factory.type, "acme.B");
  assert.equal(factory.client, "jumpstarter.client.DriverClient");
  await using driver = await lease(factory);
  assert.equal(await driver.call("hello"), "hello");
  assert.equal(await place.drivers.find("acme.C", "/etc/exporter.yaml"), undefined);
  assert.deepEqual(place.warnings, []);
});

Deno.test("find() accepts several exports and arrays of drivers", async () => {
  await using place = await site({
    "many.ts": `
      const make = (type: string) => ({ defineDriver, z }: any) => defineDriver({
        type, client: "a.B", config: z.strictObject({}), open: () => ({}) });
      export const one = make("acme.One");
      export const more = (sdk: unknown) => [make("acme.Two")(sdk), make("acme.Three")(sdk)];
      export function helper() {}
      export const VERSION = 1;`,
  });
  for (const type of ["acme.One", "acme.Two", "acme.Three"]) {
    assert.equal((await place.factory(type)).type, type);
  }
  assert.deepEqual(place.warnings, []);
});

Deno.test("find() follows a reference relative to the config's folder, or a file: URL", async () => {
  const named = source("acme.Relay", OPEN).replace("export default", "export const Relay =");
  await using place = await site({ "relay.ts": named, "one.mjs": source("acme.One", OPEN) });
  for (const type of ["./relay.ts#Relay", `file://${place.dir}/relay.ts#Relay`, "one.mjs"]) {
    await using driver = await lease(await place.factory(type));
    assert.equal(await driver.call("hello"), "hello");
  }
});

Deno.test("find() lists the exports if the named one is missing", async () => {
  await using place = await site({
    "relay.ts": "export const one = () => {}; export const two = () => {}; export const n = 1;",
  });
  const missing = await place.problem("./relay.ts#Relay");
  assert.match(missing, /export 'Relay' of the driver file .*relay\.ts: /);
  assert.match(missing, /found #one, #two; correct the name after '#'/);
  assert.match(await place.problem("./relay.ts#n"), /expected a function \(sdk\) => driver/);
  assert.match(
    await place.problem("./relay.ts#one"),
    /expected it to return one driver, found 0; export each/,
  );
  assert.match(await place.problem("./none.ts"), /none\.ts: expected a file there, found none/);
  assert.match(await place.problem("./relay.py#X"), /expected a \.ts, \.js or \.mjs file/);
});

Deno.test("find() reports where a file does not parse, and the file beside it still works", async () => {
  await using place = await site({
    "broken.ts": "const a: number = 1;\nexport default function () {\n  let b = ;\n}\n",
    "twice.js": "let a = 1;\nlet a = 2;\n",
    "lost.ts": 'import "./nowhere.ts";\n',
    "good.ts": source("acme.Good", OPEN),
  });
  assert.match(
    await place.problem("./broken.ts"),
    /broken\.ts: expected JavaScript or TypeScript that can be loaded, found SyntaxError: .* at \/.*broken\.ts:3:11; correct the file$/,
  );
  assert.match(await place.problem("./twice.js"), /'a' has already been declared at .*js:2:5;/);
  assert.match(await place.problem("./lost.ts"), /Module not found .* at .*lost\.ts:1:8;/);
  await using driver = await lease(await place.factory("acme.Good"));
  assert.equal(await driver.call("hello"), "hello");
  await place.factory("acme.Good");
  assert.equal(place.warnings.length, 3);
});

Deno.test("find() reports that a file throws at load, and where", async () => {
  await using place = await site({ "a.ts": "\n\nthrow new TypeError('no such board');\n" });
  assert.match(
    await place.problem("./a.ts"),
    /expected its top level to run, found TypeError: no such board at \/.*a\.ts:3:7;/,
  );
});

Deno.test("find() names the member that is missing or wrong", async () => {
  const broken = {
    type: [`"relay"`, /expected 'type' to be a dotted name.*, found "relay"/],
    client: ["undefined", /expected 'client' to be the dotted name .*, found nothing/],
    config: ["{}", /expected 'config' to be a zod schema.*, found an object/],
    open: ["true", /expected 'open' to be a function, found true/],
    labels: ["{}", /expected 'labels' to be a function, found an object/],
    children: ["1", /expected 'children' to be true or false, found 1/],
  } as const;
  await using place = await site({});
  for (const [member, [value, message]] of Object.entries(broken)) {
    await place.write(`${member}.ts`, source("acme.X", `${OPEN} ${member}: ${value},`));
    assert.match(await place.problem(`./${member}.ts`), message);
  }
  await place.write("text.ts", "export default () => 'a driver';");
  assert.match(await place.problem("./text.ts"), /expected a driver made .*, found "a driver"/);
});

Deno.test("find() returns the problem of a type whose definition is wrong", async () => {
  await using place = await site({ "a.ts": source("acme.A", "") });
  assert.match(await place.problem("acme.A"), /export 'default' .*a\.ts: expected 'open' to be/);
  assert.equal(place.warnings.length, 1);
});

Deno.test("find() uses the first of two files with one type, with a warning", async () => {
  await using place = await site({
    "a.ts": source("acme.A", `open: () => ({ calls: { who: () => "a" } }),`),
    "b.ts": source("acme.A", `open: () => ({ calls: { who: () => "b" } }),`),
  });
  await using driver = await lease(await place.factory("acme.A"));
  assert.equal(await driver.call("who"), "a");
  assert.match(place.warnings.join(), /b\.ts declares acme\.A again; .*a\.ts is used/);
});

Deno.test("config issues keep the code, the path and the keys of the author's schema", async () => {
  await using place = await site({
    "a.ts": source(
      "acme.A",
      `${OPEN}
      config: z.strictObject({ relay: z.strictObject({ port: z.int() }), name: z.string()
        .refine(async (v) => v !== "bad", "never bad").optional() }),
      labels: ({ relay }) => ({ port: String(relay.port) }),`,
    ),
  });
  const factory = await place.factory("acme.A");
  const issues = async (config: unknown) =>
    (await factory.config.safeParseAsync(config)).error?.issues.map((issue) => ({
      code: issue.code,
      path: issue.path,
      ...("keys" in issue && { keys: issue.keys }),
    }));
  assert.deepEqual(await issues({ relay: { port: "x" } }), [
    { code: "invalid_type", path: ["relay", "port"] },
  ]);
  assert.deepEqual(await issues({ relay: { port: 1, prot: 2 } }), [
    { code: "unrecognized_keys", path: ["relay"], keys: ["prot"] },
  ]);
  assert.deepEqual(await issues({ relay: { port: 1 }, name: "bad" }), [
    { code: "custom", path: ["name"] },
  ]);
  const config = await factory.config.parseAsync({ relay: { port: 1 } });
  assert.deepEqual(factory.labels?.(config), { port: "1" });
});

Deno.test("probe() runs in the worker and reports the problem", async () => {
  await using place = await site({
    "a.ts": source("acme.A", `${OPEN} probe() { throw new DeviceError("no relay on /dev/x"); },`),
    "b.ts": source("acme.B", OPEN),
  });
  await assert.rejects(probeDriver(await place.factory("acme.A")), {
    name: "DeviceError",
    message: "no relay on /dev/x",
  });
  const other = await place.factory("acme.B");
  assert.equal((await other.load()).probe, undefined);
  await assert.rejects(probeDriver(other), { message: "acme.B has no probe" });
});

Deno.test("find() names the expected form if it finds a class", async () => {
  await using place = await site({
    "a.ts": "export default class Relay {}",
    "b.ts": "export class Relay { on() {} }",
  });
  assert.match(
    await place.problem("./a.ts"),
    /expected export default \(\{ defineDriver \}\) => defineDriver\(\{…\}\), found a class$/,
  );
  assert.match(await place.problem("./b.ts#Relay"), /expected export const Relay = .* a class$/);
});
