import assert from "node:assert/strict";
import { addArgument, addTypes, noNeeds } from "./python_needs.ts";

Deno.test("addTypes() takes the packages of official types, and the names of others", () => {
  const needs = noNeeds();
  addTypes(needs, ["jumpstarter_driver_http_power.driver.HttpPower", "vendorpackage.CustomDriver"]);
  assert.deepEqual([...needs.official], ["jumpstarter-driver-http-power"]);
  assert.deepEqual([...needs.unknown], ["vendorpackage.CustomDriver"]);
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
