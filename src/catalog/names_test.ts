import assert from "node:assert/strict";
import { entryName, resolveType, shortType } from "./names.ts";

const TYPES = [
  "jumpstarter_driver_power.driver.MockPower",
  "jumpstarter_driver_pyserial.driver.PySerial",
  "jumpstarter_driver_pyserial.nvdemux.driver.NVDemuxSerial",
  "jumpstarter_driver_gpiod.driver.PowerSwitch",
  "acme.Relay",
  "acme.lab.PowerSwitch",
];

Deno.test("resolveType() accepts a type, its end, and its form without the package's prefix", () => {
  const serial = { kind: "found", type: "jumpstarter_driver_pyserial.driver.PySerial" };
  for (const name of [serial.type, "pyserial.PySerial", "driver.PySerial", "PySerial"]) {
    assert.deepEqual(resolveType(name, TYPES), serial);
  }
  assert.deepEqual(resolveType("pyserial", TYPES), serial);
  assert.deepEqual(resolveType("NVDemuxSerial", TYPES), { kind: "found", type: TYPES[2] });
  assert.deepEqual(resolveType("Relay", TYPES), { kind: "found", type: "acme.Relay" });
});

Deno.test("resolveType() matches whole words only", () => {
  assert.ok("problem" in resolveType("Serial", TYPES));
  assert.ok("problem" in resolveType("elay", TYPES));
  assert.ok("problem" in resolveType("", TYPES));
});

Deno.test("resolveType() lists the types of an ambiguous name, and suggests for an unknown one", () => {
  assert.deepEqual(resolveType("PowerSwitch", TYPES), {
    kind: "ambiguous",
    problem: "'PowerSwitch' is ambiguous: jumpstarter_driver_gpiod.driver.PowerSwitch, " +
      "acme.lab.PowerSwitch",
  });
  assert.deepEqual(resolveType("PySeral", TYPES), {
    kind: "unknown",
    problem: "found no driver 'PySeral'; did you mean 'PySerial'?",
  });
  const { problem } = resolveType("zebra", TYPES) as { problem: string };
  assert.equal(problem, "found no driver 'zebra'; 'jmp driver list' shows what there is");
});

Deno.test("shortType() and entryName() shorten a type", () => {
  assert.equal(shortType(TYPES[0]!), "power.MockPower");
  assert.equal(shortType("acme.Relay"), "acme.Relay");
  assert.equal(entryName(TYPES[0]!), "mockpower");
  assert.equal(entryName("./relay.ts#Main"), "main");
  assert.equal(entryName("./relay.ts"), "relay");
});
