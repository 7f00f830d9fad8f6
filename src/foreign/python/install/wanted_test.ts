import "../../../libc/testing.ts";
import assert from "node:assert/strict";
import { manifests } from "../../../../drivers/mod.ts";
import { parseConfig } from "../../../config/parse.ts";
import { createRegistry } from "../../../driver/manifest.ts";
import { WantedPython } from "./wanted.ts";

/** The types that a config with these entries wants. */
async function wantedBy(entries: string): Promise<string[]> {
  const head = "apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\n" +
    "metadata: {namespace: lab, name: board}\nexport:\n";
  const loader = { find: () => Promise.resolve(undefined) };
  const hosts = new WantedPython();
  const options = { registry: createRegistry(manifests), loader, hosts, env: {} };
  const { config, diagnostics } = await parseConfig(head + entries, "board.yaml", options);
  assert.ok(config, JSON.stringify(diagnostics));
  return [...hosts.types(config.export)].map((type) => type.replace("jumpstarter_driver_", ""));
}

Deno.test("WantedPython finds the types that are not built in, and those that ask for Python", async () => {
  const types = await wantedBy(`
  power: {type: jumpstarter_driver_power.driver.MockPower}
  mistake: {type: jumpstarter_driver_power.driver.MockPower, config: {volts: 5}}
  key: {type: jumpstarter_driver_power.driver.MockPower, python: {memory: little}}
  file: {type: ./relay.ts}
  asks: {type: jumpstarter_driver_network.driver.EchoNetwork, python: true}
  plug: {type: jumpstarter_driver_snmp.driver.SNMPServer}
  relays:
    children:
      first: {type: jumpstarter_driver_http_power.driver.HttpPower}
      second: {type: vendorpackage.CustomDriver}
`);
  assert.deepEqual(types, [
    "network.driver.EchoNetwork",
    "snmp.driver.SNMPServer",
    "http_power.driver.HttpPower",
    "vendorpackage.CustomDriver",
  ]);
});

Deno.test("WantedPython finds all that stands below a Python driver, or that it refers to", async () => {
  const types = await wantedBy(`
  ssh:
    type: jumpstarter_driver_ssh.driver.SSHWrapper
    children:
      tcp: {type: jumpstarter_driver_network.driver.TcpNetwork, config: {host: h, port: 22}}
      console: {ref: board.serial}
  board:
    children:
      serial: {type: jumpstarter_driver_pyserial.driver.PySerial, config: {url: "loop://"}}
      power: {type: jumpstarter_driver_power.driver.MockPower}
  again: {ref: ssh}
`);
  assert.deepEqual(types, [
    "ssh.driver.SSHWrapper",
    "network.driver.TcpNetwork",
    "pyserial.driver.PySerial",
  ]);
});

Deno.test("WantedPython leaves to a program what stands below it", async () => {
  const types = await wantedBy(`
  relay:
    type: exec
    command: [/bin/true]
    children:
      plug: {type: jumpstarter_driver_snmp.driver.SNMPServer}
`);
  assert.deepEqual(types, []);
});
