import assert from "node:assert/strict";
import { probeDriver } from "../../tree/testing.ts";
import { lease, site, source } from "./testing.ts";

Deno.test("an error of the author's code names its place, wherever it is thrown", async () => {
  await using place = await site({
    "helper.ts": "export function look(board: any) {\n  return board.voltage;\n}\n",
    "relay.ts": `import { look } from "./helper.ts";
      ${
      source(
        "acme.Relay",
        `
        config: z.strictObject({ bad: z.boolean().default(false) }),
        probe() { look(undefined); },
        open({ config }) {
          if (config.bad) throw new Error("no board");
          return {
            calls: {
              on() { throw new Error("relay stuck"); },
              async off() { await undefined; look(undefined); },
              list: () => [1].map(() => look(undefined)),
              refuse() { throw new DeviceError("already on"); },
            },
            streams: { async *read() { yield 1; look(undefined); } },
          };
        },`,
      )
    }`,
  });
  const relay = await place.factory("acme.Relay");
  const inHelper = /^Cannot read .*'voltage'\) at \S+\/helper\.ts:2:16$/;
  const inRelay = (text: string) => new RegExp(`^${text} at \\S+/relay\\.ts:\\d+:\\d+$`);
  await assert.rejects(probeDriver(relay), { name: "TypeError", message: inHelper });
  await assert.rejects(lease(relay, { bad: true }), { message: inRelay("no board") });
  await using driver = await lease(relay);
  await assert.rejects(driver.call("on"), { message: inRelay("relay stuck") });
  await assert.rejects(driver.call("off"), { name: "TypeError", message: inHelper });
  await assert.rejects(driver.call("list"), { message: inHelper });
  await assert.rejects(driver.stream("read"), { message: inHelper });
  await assert.rejects(driver.call("refuse"), { name: "DeviceError", message: "already on" });
});

Deno.test("an error while a driver is defined, or its config checked, names its place", async () => {
  await using place = await site({
    "early.ts": "export default () => {\n  return nothing.there;\n};\n",
    "check.ts": source(
      "acme.Check",
      "config: z.string().transform((text) => text.missing.length), open: () => ({}),",
    ),
  });
  assert.match(await place.problem("./early.ts"), /nothing is not defined at \S+early\.ts:2:3$/);
  const { config } = await place.factory("acme.Check");
  const { error } = await config.safeParseAsync("x");
  assert.match(error!.issues[0]!.message, /'length'\) at \S+check\.ts:\d+:\d+$/);
});

Deno.test("methods beside the tables of open() are an error that says where they belong", async () => {
  await using place = await site({
    "a.ts": source("acme.A", "open: () => ({ calls: {}, on() {} }),"),
  });
  await assert.rejects(lease(await place.factory("acme.A")), {
    message: /^expected open\(\) to return .*, found 'on' beside them; put 'on' below calls$/,
  });
  await place.write("b.ts", source("acme.B", "open: () => ({ calls: {}, parts: { lamp: {} } }),"));
  await assert.rejects(lease(await place.factory("./b.ts")), {
    message: /^found 'parts' in what open\(\) returned; a custom driver cannot make parts/,
  });
});

Deno.test("unknown members of a definition are errors that say where they belong", async () => {
  const members = {
    "calls: { on() {} }":
      /unknown member 'calls' .*; put it into the object that open\(\) returns$/,
    "parts: () => []": /unknown member 'parts' .*; a custom driver cannot make parts/,
    "chilren: true": /unknown member 'chilren' .*; did you mean 'children'\?$/,
    "colour: 'red'": /unknown member 'colour' .*; remove it$/,
    "summary: ''": /expected 'summary' to be one line of text, found ""/,
    "methods: { on: 'x' }": /expected 'methods' to be tables of sentences by signature/,
  };
  await using place = await site({});
  let number = 0;
  for (const [member, message] of Object.entries(members)) {
    const file = `m${++number}.ts`;
    await place.write(file, source("acme.X", `open: () => ({}), ${member},`));
    assert.match(await place.problem(`./${file}`), message);
  }
});
