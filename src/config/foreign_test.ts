/** Files of other programs that are given as a config, and configs that export nothing. */
import assert from "node:assert/strict";
import { withEmptiness } from "./empty.ts";
import { HEAD, parse, POWER, said } from "./testing.ts";

const OWN = "; give the exporter's config, with the keys apiVersion, kind, metadata and export";
const CREATE = "; the exporter's config is written by: jmp admin create exporter NAME --save";
const WRAPPED = "; give the exporter's config itself, not the resource that holds or describes it";

const resource = (kind: string, apiVersion = "jumpstarter.dev/v1alpha1") =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a, labels: {b: c}}\nspec: {}\n`;

/** Files, and where they are recognized as what. */
const FILES: readonly [file: string, at: string, what: string][] = [
  [
    resource("ClientConfig") + "endpoint: a:1\ntoken: abcdefgh\n",
    "2:7",
    `the config of a client (kind ClientConfig), which jmp shell reads${CREATE}`,
  ],
  [
    "kind: UserConfig\nconfig: {current-client: a}\n",
    "1:7",
    `the settings of a user (kind UserConfig), which clients read${CREATE}`,
  ],
  [
    resource("Exporter"),
    "2:7",
    `the Kubernetes resource of an exporter (kind Exporter)${CREATE}`,
  ],
  [
    resource("Deployment", "apps/v1"),
    "2:7",
    `a Kubernetes resource of the kind Deployment${WRAPPED}`,
  ],
  [
    resource("Secret", "v1"),
    "2:7",
    "a Kubernetes Secret, which holds a token or a config in base64; decode its value " +
    "(base64 -d), and give the exporter's config",
  ],
  ["services:\n  exporter:\n    image: a/b\n", "1:1", `a Docker Compose file${OWN}`],
  [
    "targets:\n  main:\n    resources: {RemotePlace: {name: a}}\n",
    "1:1",
    `an environment of labgrid (targets)${OWN}`,
  ],
  [
    "board:\n  location: lab\n  NetworkPowerPort: {model: gude, host: 10.0.0.5, index: 2}\n",
    "1:1",
    `a config of labgrid's exporter (resource groups)${OWN}`,
  ],
  [
    "%YAML 1.1\n---\nconnection: &a\n  accepter: tcp,2000\n  connector: serialdev,/dev/ttyS0,local\n",
    "3:1",
    `a config of ser2net (connection)${OWN}`,
  ],
  [
    "# comment\n3001:telnet:0:/dev/ttyS0:115200 8DATABITS\n",
    "2:1",
    `a config of ser2net (before version 4)${OWN}`,
  ],
  [
    "config * {\n}\nconsole board {\n  type device;\n}\n",
    "1:1",
    `a config of conserver${OWN}`,
  ],
  ['SUBSYSTEM=="tty", SYMLINK+="board"\n', "1:1", `rules of udev${OWN}`],
  ['SUBSYSTEM=="usb", RUN+="/bin/sh -c \'echo a: b\'"\n', "1:1", `rules of udev${OWN}`],
  ['{"name": "a", "version": "1.0.0"}\n', "1:1", `an npm package (package.json)${OWN}`],
  ['[project]\nname = "x"\n', "1:1", `an INI or TOML file${OWN}`],
  [
    "[Service]\nExecStart=jmp run\n",
    "1:1",
    "a unit of systemd; give the file that its ExecStart names",
  ],
  [
    "eyJhbGciOiJF.eyJzdWIiOiJ4.c2lnbmF0dXJl\n",
    "1:1",
    "a token; its place is 'token:' of a config, or the file that 'tokenFile:' names",
  ],
  [
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "1:1",
    "a certificate (PEM); its place is tls.ca of a config, as the output of: base64 -w0 FILE",
  ],
  ["#!/bin/sh\nexec jmp run\n", "2:1", `a script${OWN}`],
  ["JMP_TOKEN=a\nJMP_NAME=b\n", "1:1", `a file of environment variables${OWN}`],
  ["<!DOCTYPE html>\n<html></html>\n", "1:1", `a page in HTML or XML${OWN}`],
  ["- hosts: all\n  tasks: []\n", "1:1", `a playbook of Ansible${OWN}`],
  ["global: {a: b}\nc: 1\n", "1:1", `only keys of something else ('global', 'c')${OWN}`],
  [
    "type: jumpstarter_driver_power.driver.MockPower\n",
    "1:1",
    "the entry of a driver or of a group of drivers; put it below a name, and that below 'export:'",
  ],
  [
    POWER.replace("export:\n", "").replace(/^ {2}/gm, ""),
    "1:1",
    "drivers without 'export:' above them; write 'export:' above and indent them below it",
  ],
];

for (const [file, at, what] of FILES) {
  Deno.test(`parseConfig() recognizes ${what.replace(/;.*/, "")}`, async () => {
    const { config } = await parse(file);
    assert.equal(config, undefined);
    const path = at === "2:7" || at === "1:7" ? "kind: " : "";
    assert.deepEqual(await said(file), [
      `${at}: error: ${path}expected an exporter config, found ${what}`,
    ]);
  });
}

/** Keys at a wrong level, and what is said of them; the official exporter starts with each. */
const MISPLACED: readonly [text: string, said: string][] = [
  [
    `drivers:\n${POWER.replace("export:\n", "")}`,
    "4:1: error: drivers: expected drivers below 'export:', found them below 'drivers:', which is " +
    "ignored; rename it to 'export:'",
  ],
  [
    `spec:\n${POWER.replace(/^/gm, "  ")}`,
    "4:1: error: spec: expected the keys of an exporter config at the top level, found them below " +
    "'spec:', which is ignored; remove 'spec:' and indent its keys less",
  ],
  [
    `beforeLease: {script: a}\n${POWER}`,
    "4:1: error: beforeLease: expected 'beforeLease' below 'hooks:', found it beside it, so it is " +
    "ignored; indent it below 'hooks:'",
  ],
  [
    `endpiont: a:1\n${POWER}`,
    "4:1: error: endpiont: expected a key of an exporter config, found 'endpiont', which is " +
    "ignored; did you mean 'endpoint'?",
  ],
  [
    `${POWER}    confg: {}\n`,
    "7:5: error: export.power.confg: expected a key of a driver's entry, found 'confg', which is " +
    "ignored; did you mean 'config'?",
  ],
  [
    "export:\n  serial:\n    type: jumpstarter_driver_pyserial.driver.PySerial\n" +
    "    config: {url: loop://}\n    baudrate: 9600\n",
    "8:5: error: export.serial.baudrate: expected the driver's setting 'baudrate' below " +
    "'config:', found it beside it, where it is ignored; indent it below 'config:'",
  ],
  [
    "export:\n  all:\n    type: jumpstarter_driver_composite.driver.Composite\n    config:\n" +
    "      children: {}\n",
    "8:7: error: export.all.config.children: expected a key of " +
    "jumpstarter_driver_composite.driver.Composite, found 'children', which is ignored; " +
    "move it out of 'config:', so that it is indented like it",
  ],
  [
    "export:\n  power:\n    config: {type: jumpstarter_driver_power.driver.MockPower}\n",
    "5:3: error: export.power: expected 'type' beside 'config:', found it below it; indent it " +
    "like 'config:'",
  ],
];

for (const [text, expected] of MISPLACED) {
  Deno.test(`parseConfig() tells where it belongs: ${expected.split(": ")[2]}`, async () => {
    const { config } = await parse(HEAD + text);
    assert.ok(config);
    assert.deepEqual(await said(HEAD + text), [expected]);
  });
}

Deno.test("withEmptiness() tells where drivers are missing", async () => {
  for (const [text, line] of [[HEAD, 1], [`${HEAD}export: {}\n`, 4]] as const) {
    const parsed = await parse(text);
    assert.ok(parsed.config);
    const [found] = withEmptiness(parsed);
    assert.deepEqual([found?.severity, found?.line], ["error", line]);
    assert.match(found!.message, /expected drivers below 'export:', found none/);
  }
  assert.deepEqual(withEmptiness(await parse(HEAD + POWER)), []);
});
