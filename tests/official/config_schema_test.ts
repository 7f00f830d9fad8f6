/** The JSON Schema of configs, tried by a validator of the standard on good and bad configs. */
import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import { describeDriver, exporterSchema, nativeDrivers } from "../../src/catalog/mod.ts";
import { officialClient } from "./environment.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Reads {schema, texts} and answers, for each YAML text, with the errors that are found in it. */
const VALIDATE = `
import json, sys
import jsonschema, yaml

given = json.load(sys.stdin)
jsonschema.Draft202012Validator.check_schema(given["schema"])
validator = jsonschema.Draft202012Validator(given["schema"])
answers = []
for text in given["texts"]:
    errors = validator.iter_errors(yaml.safe_load(text))
    answers.append(["/".join(map(str, error.absolute_path)) + ": " + error.message for error in errors])
json.dump(answers, sys.stdout)
`;

/** The errors of each text. */
async function validate(texts: readonly string[]): Promise<string[][]> {
  const { bin } = await officialClient();
  const child = new Deno.Command(`${bin}/python`, {
    args: ["-c", VALIDATE],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const input = new Blob([JSON.stringify({ schema: exporterSchema(), texts })]).stream();
  const [output] = await Promise.all([child.output(), input.pipeTo(child.stdin)]);
  assert.ok(output.success);
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

async function goodConfigs(): Promise<string[]> {
  const families = await Array.fromAsync(Deno.readDir(`${root}drivers`));
  const good = await Array.fromAsync(Deno.readDir(`${root}tests/config/good`));
  return [
    ...families.filter((each) => each.isDirectory).map(({ name }) => `drivers/${name}/sample.yaml`),
    ...good.filter(({ name }) => name.endsWith(".yaml")).map(({ name }) =>
      `tests/config/good/${name}`
    ),
    "src/cli/sample.yaml",
    "scripts/package/example.yaml",
  ];
}

Deno.test("every sample and every good config fits the schema", async () => {
  const paths = await goodConfigs();
  assert.ok(paths.length > 12);
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(root + path)));
  const errors = await validate(texts);
  errors.forEach((found, index) => assert.deepEqual(found, [], paths[index]!));
});

Deno.test("the sample of every built-in driver fits the schema, and so do all of its keys", async () => {
  const samples = await Promise.all(manifests.map(async ({ type }) => {
    const driver = await describeDriver(type, [nativeDrivers]);
    assert.ok(!("problem" in driver));
    return driver.sample;
  }));
  const whole = samples.map((text) => text.replaceAll("# ", ""));
  for (const found of await validate([...samples, ...whole])) assert.deepEqual(found, []);
});

const SERIAL = "jumpstarter_driver_pyserial.driver.PySerial";
const POWER = "jumpstarter_driver_power.driver.MockPower";

/** Configs with a mistake that people make, and the place that the schema blames. */
const MISTAKES: readonly (readonly [text: string, blamed: RegExp])[] = [
  ["exprot: {}", /^: .*exprot/],
  ["metadata: {nmae: x}", /^metadata: /],
  ["tls: {insecur: true}", /^tls: /],
  ["hooks: {beforeLease: {scirpt: x}}", /^hooks\/beforeLease: /],
  ["hooks: {beforeLease: {script: x, onFailure: explode}}", /onFailure/],
  ["hooks: {beforeLease: {script: x, timeout: soon}}", /timeout/],
  ["hooks: {beforeLease: echo hello}", /^hooks\/beforeLease: /],
  ["kind: ClientConfig", /^kind: /],
  ["export: [a]", /^export: /],
  ["export: {a: }", /^export\/a: /],
  ["export: {a: {typ: x.Y}}", /^export\/a: /],
  ["export: {a: {type: PySerial}}", /^export\/a\/type: /],
  [`export: {a: {type: ${POWER}, confg: {}}}`, /^export\/a: .*confg/],
  [`export: {a: {type: ${POWER}, config: {speed: 3}}}`, /^export\/a\/config: /],
  [`export: {a: {type: ${POWER}, config: on}}`, /^export\/a\/config: /],
  [`export: {a: {type: ${POWER}, children: {b: {ref: c}}}}`, /^export\/a: .*children/],
  [`export: {a: {type: ${SERIAL}}}`, /^export\/a: .*config/],
  [`export: {a: {type: ${SERIAL}, config: {baudrate: 9600}}}`, /^export\/a\/config: .*url/],
  [`export: {a: {type: ${SERIAL}, config: {url: x, baudrat: 1}}}`, /^export\/a\/config: .*baudrat/],
  [`export: {a: {type: ${SERIAL}, config: {url: x, baudrate: fast}}}`, /config\/baudrate: /],
  [
    `export: {a: {children: {b: {type: ${SERIAL}, config: {}}}}}`,
    /^export\/a\/children\/b\/config/,
  ],
  [
    "export: {a: {type: jumpstarter_driver_yepkit.driver.Ykush, config: {port: 4}}}",
    /config\/port/,
  ],
  ["export: {a: {ref: b, comment: hello}}", /^export\/a: .*comment/],
  ["export: {a: {type: exec, command: 3}}", /^export\/a\/command: /],
  ["export: {a: {type: acme.A, python: {memroy: 1G}}}", /^export\/a\/python: /],
];

Deno.test("the mistakes that people make do not fit the schema, and the place is named", async () => {
  const found = await validate(MISTAKES.map(([text]) => text));
  MISTAKES.forEach(([text, blamed], index) => {
    const errors = found[index]!;
    assert.ok(errors.some((error) => blamed.test(error)), `${text}: ${errors.join("; ")}`);
  });
});

Deno.test("drivers that are not built in may have any config and any keys", async () => {
  const texts = [
    "export: {a: {type: acme.Relay, config: {anything: [1]}, host: {bin: x}}}",
    "export: {a: {type: ./relay.ts, config: {}}, b: {type: '/opt/relay.ts#Main'}}",
    "export: {a: {type: jumpstarter_driver_snmp.driver.SNMPServer, config: {plug: '3'}, python: {own: true}}}",
    "export: {a: {type: exec, command: ./relay --gpio 4, env: {A: b}, keep: true, config: {pin: 3}}}",
    `export: {a: {type: ${SERIAL}, config: {url: x, baudrate: '9600', check_present: 'no'}}}`,
    `export: {a: {type: ${POWER}, config: }, b: {children: }, c: {ref: a}}`,
    "export:",
  ];
  for (const found of await validate(texts)) assert.deepEqual(found, []);
});
