import assert from "node:assert/strict";
import { missingReason } from "./missing.ts";
import { isPythonType } from "./packages.ts";

const FOUND = {
  python: "/opt/my venv/bin/python",
  version: "3.12.1",
  jumpstarter: "0.8.1",
  place: "JMP_PYTHON",
  has: () => Promise.resolve(false),
};

Deno.test("missingReason() names the environment, the package, and the commands that install it", () => {
  const type = "jumpstarter_driver_http_power.driver.HttpPower";
  assert.equal(
    missingReason(type, FOUND),
    `the Python driver '${type}' needs the package jumpstarter-driver-http-power, which is not ` +
      "installed for /opt/my venv/bin/python (JMP_PYTHON; Python 3.12.1, jumpstarter 0.8.1); " +
      `run: jmp driver install ${type} ` +
      "(or: '/opt/my venv/bin/python' -m pip install jumpstarter-driver-http-power==0.8.1)",
  );
});

Deno.test("missingReason() names the environment to complete if only the config names it", () => {
  const place = "python: of the config";
  assert.match(
    missingReason("jumpstarter_driver_shell.driver.Shell", { ...FOUND, place }),
    /run: jmp driver install --target '\/opt\/my venv' jumpstarter_driver_shell\.driver\.Shell /,
  );
});

Deno.test("missingReason() names each interpreter that was looked at", () => {
  const looked = [
    { python: "/var/lib/jumpstarter/python", reason: "no such file or folder" },
    { python: "/usr/bin/python3 (python3 of PATH)", reason: "expected Python 3.11 or later" },
  ];
  const reason = missingReason("jumpstarter_driver_shell.driver.Shell", { looked });
  for (const { python, reason: why } of looked) assert.ok(reason.includes(`${python}: ${why}`));
  assert.match(reason, /pip install jumpstarter==0\.9\.0 jumpstarter-driver-shell==0\.9\.0\)$/);
});

Deno.test("missingReason() pins no version of a package that is not official", () => {
  assert.match(missingReason("vendor_package.Relay", FOUND), /-m pip install vendor-package\)$/);
});

Deno.test("isPythonType() is true for dotted names only", () => {
  for (const type of ["a.B", "vendor_package.drivers.Relay"]) assert.ok(isPythonType(type), type);
  for (const type of ["Relay", "./relay.ts#Relay", "a.", ".B", "a..B", "1a.B", "a-b.C", ""]) {
    assert.ok(!isPythonType(type), type);
  }
});
