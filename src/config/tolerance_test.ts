/** What becomes of mistakes: configs with which the official exporter starts are not refused. */
import assert from "node:assert/strict";
import { composite } from "../../drivers/composite/manifest.ts";
import { mockPower } from "../../drivers/power/manifest.ts";
import { pyserial } from "../../drivers/pyserial/manifest.ts";
import { createRegistry, defineDriver, z } from "../driver/manifest.ts";
import type { Entry } from "../tree/entry.ts";
import { drivers } from "../tree/node.ts";
import { report } from "../tree/report.ts";
import { InvalidArgument } from "../wire/error.ts";
import { requireController } from "./controller_requirements.ts";
import { parseConfig, type ParsedConfig } from "./parse.ts";
import { type Diagnostic, formatDiagnostic } from "./yaml/diagnostics.ts";

const site = defineDriver({
  type: "site.Driver",
  client: "site.Client",
  config: z.object({ size: z.int().default(1) }),
  open: () => ({}),
});

const options = {
  registry: createRegistry([composite, mockPower, pyserial]),
  loader: { find: (type: string) => Promise.resolve(type === site.type ? site : undefined) },
  env: {},
};

const POWER = "jumpstarter_driver_power.driver.MockPower";
const SERIAL = "jumpstarter_driver_pyserial.driver.PySerial";
const GROUP = "jumpstarter_driver_composite.driver.Composite";
const PROXY = "jumpstarter_driver_composite.driver.Proxy";

async function parse(text: string): Promise<ParsedConfig> {
  return await parseConfig(text, "f.yaml", options);
}

const severities = (diagnostics: readonly Diagnostic[]) =>
  [...new Set(diagnostics.map(({ severity }) => severity))].sort().join();

/** The client class of each row of the report, `!` in front of it if the driver is degraded. */
function clients({ config, diagnostics }: ParsedConfig): Record<string, string> {
  assert.ok(config, diagnostics.map(formatDiagnostic).join("\n"));
  const degraded = new Set(
    [...drivers(config.tree.root)].filter(({ source }) => "unavailable" in source).map((node) =>
      node.uuid
    ),
  );
  return Object.fromEntries(
    report(config.tree.root).slice(1).map(({ uuid, labels }) => [
      labels["jumpstarter.dev/name"]!,
      (degraded.has(uuid) ? "!" : "") + labels["jumpstarter.dev/client"]!.split(".").at(-1),
    ]),
  );
}

type Outcome = readonly [severities: string, clients: Record<string, string>];

const works = { x: "PowerClient" };
const warned: Outcome = ["warning", works];
const emptyGroup: Outcome = ["warning", { x: "CompositeClient" }];
const degraded: Outcome = ["error", { x: "!PowerClient" }];
const unknown: Outcome = ["error", { x: "!DriverClient" }];

/** Entries named x, beside one that works: what they become, and what is said of them. */
const ENTRIES: Readonly<Record<string, Outcome>> = {
  // With these, the official exporter replaces the driver by an empty group.
  [`{type: ${POWER}, config: }`]: warned,
  [`{type: ${POWER}, config: ""}`]: warned,
  [`{type: ${POWER}, config: []}`]: warned,
  [`{type: ${POWER}, config: 5}`]: degraded,
  [`{type: ${POWER}, config: [a]}`]: degraded,
  [`{type: ${POWER}, config: text}`]: degraded,
  [`{type: ${POWER}, description: 5}`]: warned,
  [`{type: ${POWER}, methods_description: }`]: warned,
  [`{type: ${POWER}, methods_description: {"on": 5}}`]: warned,
  [`{type: ${SERIAL}, config: }`]: ["error,warning", { x: "!PySerialClient" }],
  "{type: 5}": unknown,
  "{type: }": unknown,
  "{ref: 5}": unknown,
  "{ref: }": unknown,
  [`{type: ${PROXY}, config: }`]: unknown,
  "{tpye: a.B}": unknown,
  "{config: {a: 1}}": unknown,
  "{}": emptyGroup,
  "{enabled: true}": emptyGroup,
  // It ignores these.
  [`{type: ${POWER}, default_encrypt: true, enabled: false, runtime: rust, interface: a}`]: warned,
  // The key of a program, which nothing here can start.
  [`{type: ${POWER}, host: {bin: a, args: [b]}}`]: ["", works],
  [`{type: ${POWER}, config: {nope: 1}}`]: warned,
  [`{type: ${POWER}, ref: ok}`]: warned,
  [`{children: {a: {type: ${POWER}}}, ref: ok}`]: [
    "warning",
    { x: "CompositeClient", a: "PowerClient" },
  ],
  [`{type: , children: {a: {type: ${POWER}}}}`]: [
    "warning",
    { x: "CompositeClient", a: "PowerClient" },
  ],
  [`{children: {a: {type: ${POWER}}}, config: {b: 1}}`]: [
    "warning",
    { x: "CompositeClient", a: "PowerClient" },
  ],
  "{ref: ok, config: }": ["warning", works],
  "{ref: ok, type: }": ["warning", works],
  "{ref: ok, children: }": ["warning", works],
  "{ref: ok, children: 5}": ["warning", works],
  "{ref: ok, type: 5}": ["warning", works],
  [`{type: ${POWER}, children: {}}`]: ["", works],
  [`{type: ${POWER}, children: {a: {type: ${POWER}}}}`]: [
    "warning",
    { x: "PowerClient", a: "PowerClient" },
  ],
  [`{type: ${POWER}, description: a, description: b}`]: warned,
  [`{type: nope.Nope, type: ${POWER}}`]: warned,
  // It converts these.
  [`{type: ${SERIAL}, config: {url: "loop://", baudrate: "115200"}}`]: ["", {
    x: "PySerialClient",
  }],
  [`{type: ${SERIAL}, config: {url: "loop://", check_present: "no", cps: "10"}}`]: [
    "",
    { x: "PySerialClient" },
  ],
  [`{type: ${POWER}, config: {uuid: "{6BA7B8109DAD11D180B400C04FD430C8}", log_level: WARN}}`]: [
    "",
    works,
  ],
  // It does not start with these.
  [`{type: ${POWER}, children: }`]: warned,
  [`{type: ${POWER}, children: [a]}`]: degraded,
  [`{children: 5}`]: ["error", { x: "!CompositeClient" }],
  [`{type: ${GROUP}, children: {a: }}`]: ["error", { x: "CompositeClient", a: "!DriverClient" }],
  [`{type: ${POWER}, config: {labels: {a: 5}}}`]: degraded,
  [`{type: ${POWER}, config: {uuid: x}}`]: degraded,
  [`{type: ${SERIAL}, config: {url: "loop://", nope: 1}}`]: ["error", { x: "!PySerialClient" }],
  [`{type: ${SERIAL}, config: {url: "loop://", baudrate: fast}}`]: [
    "error",
    { x: "!PySerialClient" },
  ],
  [`{type: nope.Nope, children: {a: {type: ${POWER}}}}`]: [
    "warning",
    { x: "!CompositeClient", a: "PowerClient" },
  ],
  "{type: MockPower}": unknown,
  "{ref: nope}": unknown,
  "{ref: x}": unknown,
  "{ref: x.a}": unknown,
  "{ref: ok.child}": unknown,
  "": unknown,
  "5": unknown,
  "[a]": unknown,
  // A custom driver decides by its own schema.
  "{type: site.Driver, config: {nope: 1}}": ["warning", { x: "Client" }],
  '{type: site.Driver, config: {size: "5"}}': ["error", { x: "!Client" }],
};

for (const [entry, outcome] of Object.entries(ENTRIES)) {
  Deno.test(`parseConfig() keeps other drivers beside ${entry || "nothing"}`, async () => {
    const parsed = await parse(`export:\n  ok: {type: ${POWER}}\n  x: ${entry}\n`);
    const { ok, ...rest } = clients(parsed);
    assert.equal(ok, "PowerClient");
    assert.deepEqual([severities(parsed.diagnostics), rest], outcome);
  });
}

Deno.test("parseConfig() makes a reference into a driver that is not available degraded", async () => {
  const parsed = await parse(
    `export:\n  board: {type: jumpstarter_driver_xcp.driver.Xcp}\n  x: {ref: board.power}\n` +
      `  y: {ref: x}\n  ok: {type: ${POWER}}\n`,
  );
  assert.deepEqual(clients(parsed), {
    board: "!XcpClient",
    x: "!DriverClient",
    y: "!DriverClient",
    ok: "PowerClient",
  });
  assert.match(
    parsed.diagnostics.map(formatDiagnostic).join("\n"),
    /:3:12: error: export\.x\.ref: .* found 'board\.power': 'board' is not available$/m,
  );
});

Deno.test("parseConfig() tells clients of a degraded driver where its config is wrong", async () => {
  const { config } = await parse(`export:\n  x:\n    type: ${POWER}\n    config: {uuid: x}\n`);
  const [node] = config!.tree.root.children;
  assert.ok(node?.kind === "driver" && "unavailable" in node.source);
  assert.equal(
    node.source.unavailable.message,
    'its config has an error in line 4: export.x.config.uuid: expected a UUID, found the text "x"',
  );
});

Deno.test("parseConfig() uses the driver of the type where a process for it cannot be started", async () => {
  const refusal = () => Promise.resolve(new InvalidArgument("expected the program 'a'"));
  const finder = {
    claim: refusal,
    find: refusal,
    adopt: (entries: readonly Entry[]) => Promise.resolve(entries),
  };
  const parsed = await parseConfig(
    `export:\n  x: {type: ${POWER}, host: a}\n  y: {type: exec, command: a}\n`,
    "f.yaml",
    { ...options, hosts: { forConfig: () => finder } },
  );
  assert.deepEqual(clients(parsed), { x: "PowerClient", y: "!DriverClient" });
  const said = parsed.diagnostics.map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(said.filter((text) => text.includes("program 'a'")), [
    "export.x.type: expected the program 'a'; the exporter uses its own driver instead",
    "export.y.type: expected the program 'a'; the exporter starts with this driver degraded",
  ]);
});

Deno.test("parseConfig() leaves out a driver without a name", async () => {
  const parsed = await parse(`export:\n  "": {type: ${POWER}}\n  ok: {type: ${POWER}}\n`);
  assert.deepEqual(clients(parsed), { ok: "PowerClient" });
  assert.equal(severities(parsed.diagnostics), "error");
});

Deno.test("parseConfig() applies keys that are indented like their driver, with a warning", async () => {
  const parsed = await parse(
    `export:\n  x:\n    type: ${SERIAL}\n  config:\n    url: loop://\n  ok: {type: ${POWER}}\n`,
  );
  assert.deepEqual(clients(parsed), { x: "PySerialClient", ok: "PowerClient" });
  assert.equal(severities(parsed.diagnostics), "warning");
});

Deno.test("parseConfig() takes drivers whose names are keys of entries for drivers", async () => {
  const parsed = await parse(
    `export:\n  x: {type: ${POWER}}\n  ref: {type: ${POWER}}\n  description: &d\n` +
      `    type: ${POWER}\n  config: {type: ${POWER}}\n  group:\n    children: {}\n  type: {ref: x}\n`,
  );
  const drivers = ["x", "ref", "description", "config", "type"];
  const expected = Object.fromEntries(drivers.map((name) => [name, "PowerClient"]));
  assert.deepEqual(clients(parsed), { ...expected, group: "CompositeClient" });
  assert.deepEqual(parsed.diagnostics.map(formatDiagnostic), []);
});

/** Fields with which the official exporter starts. */
const FIELDS: Readonly<Record<string, string>> = {
  "endpoint: https://host:1/path": "endpoint",
  "endpoint: a b": "endpoint",
  'token: "two words"': "token",
  "tls: {ca: abc}": "tls.ca",
  "motd: 5": "",
  "exitOnLeaseEnd: maybe": "",
  "tokenFile: [a]": "",
  "grpcConfig: 5": "",
  "python: 5": "",
  "grpcOptions: {a: true}": "",
  "failureDetection: {maxRapidFailures: -1}": "",
  "hooks: {beforeLease: {script: a, timeout: 0}}": "",
  "hooks: {beforeLease: {script: a, timeout: '5.0'}}": "",
  "token: a\ntokenFile: b": "",
  "description: a\ndescription: b": "",
  "foo: 1": "",
};

for (const [field, needed] of Object.entries(FIELDS)) {
  Deno.test(`parseConfig() starts with ${field.replace("\n", ", ")}`, async () => {
    const { config, diagnostics } = await parse(`${field}\nexport: {}\n`);
    assert.ok(config, diagnostics.map(formatDiagnostic).join("\n"));
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    assert.deepEqual(
      errors.map(({ scope, path }) => [scope, path]),
      needed ? [["controller", needed]] : [],
    );
    const wrong = requireController(config).map(({ path, message }) => [path, message]);
    if (needed) assert.deepEqual(wrong[0], [needed, errors[0]!.message]);
  });
}

Deno.test("parseConfig() refuses files that mean nothing as a whole", async () => {
  const texts = [
    "",
    "- a",
    "text",
    "export:",
    "export: []",
    "export: 5",
    "kind: Exporter",
    "apiVersion: v2",
    "hooks:",
    "hooks: {beforeLease: {script: 5}}",
    "a: [",
    "\tb: 1",
    "a: *b",
    "a: 1\n---\nb: 2",
  ];
  for (const text of texts) {
    const { config, diagnostics } = await parse(text);
    assert.equal(config, undefined, text);
    assert.ok(diagnostics.some(({ scope }) => scope === "file"), text);
  }
});
