import "../libc/testing.ts";
import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import { parseConfig } from "../config/parse.ts";
import { createRegistry } from "../driver/manifest.ts";
import { drivers } from "../tree/node.ts";
import { ForeignHosts } from "./foreign_hosts.ts";

/** How the entries of a config are served, and what is said about them. */
async function read(exported: string) {
  const said: string[] = [];
  const write = (message: string) => void said.push(message);
  const log = { debug: write, info: write, warning: write, error: write };
  const env = { PATH: "/nowhere", HOME: "/nowhere" };
  await using hosts = new ForeignHosts({ env, log });
  const { config, diagnostics } = await parseConfig(
    `metadata: {namespace: lab, name: hosts}\nexport:\n${exported}`,
    "/exporter.yaml",
    {
      registry: createRegistry(manifests),
      loader: { find: () => Promise.resolve(undefined) },
      hosts,
      env: {},
    },
  );
  assert.ok(config, JSON.stringify(diagnostics));
  const served = [...drivers(config.tree.root)].slice(1).map(({ path, source }) => {
    if ("process" in source) return [path, source.process.name];
    return [path, "unavailable" in source ? "degraded" : "built in"];
  });
  const messages = diagnostics.map(({ path, message }) => `${path}: ${message}`);
  return { served: Object.fromEntries(served), messages };
}

const POWER = "jumpstarter_driver_power.driver.MockPower";

Deno.test("an entry of the type exec, or with a host, is served by its program with what is below it", async () => {
  const { served, messages } = await read(`
  relay: {type: exec, command: "/bin/sh -c 'exit 1'", children: {lamp: {type: ${POWER}}}}
  other: {type: acme.Relay, host: {bin: /bin/sh, args: [-c, exit 1]}}
  own: {type: ${POWER}}
`);
  assert.deepEqual(served, {
    relay: "the program /bin/sh of 'relay'",
    "relay.lamp": "the program /bin/sh of 'relay'",
    other: "the program /bin/sh of 'other'",
    own: "built in",
  });
  assert.deepEqual(messages, []);
});

Deno.test("keys that name no process do not keep a driver that is built in from its work", async () => {
  const { served, messages } = await read(`
  a: {type: jumpstarter_driver_network.driver.EchoNetwork, host: 192.168.7.2}
  b: {type: ${POWER}, python: 5}
  c: {type: ${POWER}, runtime: c++}
`);
  assert.deepEqual(served, { a: "built in", b: "built in", c: "built in" });
  assert.equal(messages.length, 3);
  for (const message of messages) {
    assert.match(message, /the exporter uses its own driver instead$/);
  }
});

Deno.test("a type without a driver says what installs it, where Python would be looked for", async () => {
  const { served, messages } = await read(`
  shell: {type: jumpstarter_driver_shell.driver.Shell}
  acme: {type: acme_drivers.Relay}
  typo: {type: jumpstarter_driver_power.driver.MokPower}
`);
  assert.deepEqual(served, { shell: "degraded", acme: "degraded", typo: "degraded" });
  assert.match(messages[0]!, /jmp driver install jumpstarter_driver_shell.driver.Shell/);
  assert.match(messages[1]!, /jmp driver install acme_drivers.Relay/);
  assert.match(messages[2]!, /did you mean 'jumpstarter_driver_power.driver.MockPower'\\?/);
});
