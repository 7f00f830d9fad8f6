import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import { parseConfig } from "../config/parse.ts";
import { createRegistry } from "../driver/manifest.ts";
import { addArgument, addTypes, noNeeds, type PythonNeeds, pythonTypes } from "./python_needs.ts";

/** The needs of a config with these entries. */
async function needsOf(entries: string): Promise<PythonNeeds> {
  const head = "apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\n" +
    "metadata: {namespace: lab, name: board}\nexport:\n";
  const loader = { find: () => Promise.resolve(undefined) };
  const options = { registry: createRegistry(manifests), loader, env: {} };
  const { config, diagnostics } = await parseConfig(head + entries, "board.yaml", options);
  assert.ok(config, JSON.stringify(diagnostics));
  const needs = noNeeds();
  addTypes(needs, pythonTypes(config.export));
  return needs;
}

Deno.test("pythonTypes() finds the packages of types that are not built in, and not those that are", async () => {
  const { official, unknown } = await needsOf(`
  power: {type: jumpstarter_driver_power.driver.MockPower}
  mistake: {type: jumpstarter_driver_power.driver.MockPower, config: {volts: 5}}
  own: {type: ./relay.ts}
  plug: {type: jumpstarter_driver_snmp.driver.SNMPServer}
  relays:
    children:
      first: {type: jumpstarter_driver_http_power.driver.HttpPower}
      second: {type: vendorpackage.CustomDriver}
`);
  assert.deepEqual([...official], ["jumpstarter-driver-snmp", "jumpstarter-driver-http-power"]);
  assert.deepEqual([...unknown], ["vendorpackage.CustomDriver"]);
});

Deno.test("pythonTypes() needs all that stands below a Python driver, or that it refers to", async () => {
  const { official } = await needsOf(`
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
  assert.deepEqual(
    [...official].sort(),
    ["jumpstarter-driver-network", "jumpstarter-driver-pyserial", "jumpstarter-driver-ssh"],
  );
});

Deno.test("addArgument() takes types and packages, of others with their version", () => {
  const needs = noNeeds();
  for (
    const argument of [
      "jumpstarter_driver_shell.driver.Shell",
      "jumpstarter-driver-tftp",
      "jumpstarter_driver_pyserial.nvdemux.driver.NVDemuxSerial",
      "vendor_package.CustomDriver",
      "acme-power==1.2",
      "jumpstarter-driver-snmp==0.8.1",
    ]
  ) addArgument(needs, argument);
  assert.deepEqual([...needs.official], [
    "jumpstarter-driver-shell",
    "jumpstarter-driver-tftp",
    "jumpstarter-driver-pyserial",
  ]);
  assert.deepEqual(needs.others.map(({ distribution, version }) => [distribution, version]), [
    ["vendor-package", undefined],
    ["acme-power", "1.2"],
    ["jumpstarter-driver-snmp", "0.8.1"],
  ]);
  for (const argument of ["", "--upgrade", "a b", "a=1", "https://index.invalid/x"]) {
    assert.throws(() => addArgument(noNeeds(), argument), { name: "CliError" }, argument);
  }
});
