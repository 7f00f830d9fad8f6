/** Templates that were not filled in. */
import assert from "node:assert/strict";
import { placeholderForm } from "../text/placeholder.ts";
import { requireController } from "./controller_requirements.ts";
import { HEAD, parse, POWER, said } from "./testing.ts";

/** Placeholders, and their forms in messages. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  "{{ token }}": "{{ … }}",
  "{{ .Values.token }}": "{{ … }}",
  "{% token %}": "{% … %}",
  "<%= token %>": "<% … %>",
  "$(TOKEN)": "$( … )",
  "${TOKEN}": "${ … }",
  "${TOKEN:-none}": "${ … }",
  "$TOKEN": "$NAME",
  "<token>": "< … >",
  "<your token>": "< … >",
  "%TOKEN%": "%NAME%",
  "@TOKEN@": "@NAME@",
  "__TOKEN__": "__NAME__",
  CHANGEME: "CHANGEME",
  "change-me": "CHANGEME",
  REPLACE_ME: "REPLACE_ME",
  TODO: "TODO",
  "your-token": "your-…",
  "...": "…",
};

const found = (expected: string, form: string) =>
  `expected ${expected}, found a placeholder (${form}) that was not filled in; fill in the ` +
  "template, or write the value";

for (const [placeholder, form] of Object.entries(PLACEHOLDERS)) {
  Deno.test(`parseConfig() tells that ${placeholder} was not filled in`, async () => {
    const quoted = JSON.stringify(placeholder);
    const text = `metadata: {name: ${quoted}}\nendpoint: ${quoted}\ntoken: ${quoted}\n` +
      `export:\n  console:\n    type: jumpstarter_driver_pyserial.driver.PySerial\n` +
      `    config: {url: ${quoted}}\n`;
    assert.deepEqual(await said(text), [
      `1:18: error: metadata.name: ${found("the value of 'name'", form)}; the same in line 7`,
      `2:11: error: endpoint: ${found("host:port", form)}`,
      `3:8: error: token: ${found("the token that the controller issued", form)}`,
    ]);
  });
}

Deno.test("parseConfig() tells placeholders that are no YAML", async () => {
  const cases = { "{{ a }}": "{{ … }}", "{{ a }}:80": "{{ … }}", "{% a %}": "{% … %}" };
  const more = { "@TOKEN@": "@NAME@", "%TOKEN%": "%NAME%" };
  for (const [placeholder, form] of Object.entries({ ...cases, ...more })) {
    assert.deepEqual(await said(`kind: ExporterConfig\nendpoint: ${placeholder}\n${POWER}`), [
      `2:11: error: ${found("a value", form)}`,
    ]);
  }
  const blocks = `${HEAD}{% for port in ports %}\n${POWER}{% endfor %}\n`;
  assert.deepEqual(await said(blocks), [`4:1: error: ${found("a value", "{% … %}")}`]);
});

Deno.test("parseConfig() starts with a placeholder in a name and in a driver's settings", async () => {
  const text = HEAD.replace("board", "<board>") + POWER.replace("power:", "serial:")
    .replace("power.driver.MockPower", "pyserial.driver.PySerial\n    config: {url: <port>}");
  const { config } = await parse(text);
  assert.ok(config);
  assert.deepEqual(requireController(config), []);
  const [node] = config.tree.root.children;
  assert.ok(node?.kind === "driver" && "implementation" in node.source);
});

Deno.test("placeholderForm() leaves values alone", () => {
  const values = [
    "controller.lab:443",
    "/dev/serial/by-id/x",
    "rfc2217://host:4000?a=b&c=d",
    "a<b",
  ];
  const tokens = ["eyJhbGciOi.eyJz__X__dWIi.c2ln", "xxxxxxxx", "todos", "exchange", "your.lab:443"];
  const others = ["5%", "a@b", "user@HOST", "$1", "socket://[::1]:5000", "{a: b}", "~/images"];
  for (const value of [...values, ...tokens, ...others]) {
    assert.equal(placeholderForm(value), undefined, value);
  }
});

Deno.test("parseConfig() hides no words of its own messages for a placeholder", async () => {
  const text = `metadata: {name: a}\ntoken: "<automatically filled by the controller>"\n${POWER}`;
  const [message] = await said(text);
  assert.match(message!, /found a placeholder \(< … >\) that was not filled in/);
});

Deno.test("parseConfig() tells placeholders in paths of the config itself", async () => {
  assert.deepEqual(await said(`metadata: {name: a}\ntokenFile: \${DIR}/token\n${POWER}`), [
    `2:12: error: tokenFile: ${found("the value of 'tokenFile'", "${ … }")}`,
  ]);
});

Deno.test("parseConfig() leaves scripts and commands alone", async () => {
  const { diagnostics } = await parse(
    `metadata: {name: a}\nmotd: "<b>"\nhooks: {beforeLease: {script: "echo \${A} $(date)"}}\n` +
      "export:\n  shell:\n    type: jumpstarter_driver_shell.driver.Shell\n    config:\n" +
      '      methods: {host: "echo ${H}", url: "echo $(pwd) {{ a }}"}\n',
  );
  assert.deepEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
});
