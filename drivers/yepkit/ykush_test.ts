import assert from "node:assert/strict";
import { HardwareProblem } from "../../src/driver/mod.ts";
import { openDriver, probeDriver } from "../../src/tree/testing.ts";
import type { UsbDevice } from "../../src/hardware/usb/mod.ts";
import { findYkush } from "./find.ts";
import { ykush } from "./manifest.ts";

function hub(path: string, serial?: string, productId = 0xf2f7): UsbDevice {
  return {
    path,
    vendorId: 0x04d8,
    productId,
    ...(serial !== undefined && { serial }),
    bus: 1,
    address: 2,
    node: "/dev/bus/usb/001/002",
    sysfs: `/sys/bus/usb/devices/${path}`,
  };
}

const HUBS = [hub("1-1", "YK1"), hub("1-2", "YK2"), hub("1-3", "Y3N1", 0xf11b)];

async function problem(promise: Promise<unknown>): Promise<HardwareProblem> {
  const error = await promise.then(() => assert.fail("it was found"), (error) => error);
  assert.ok(error instanceof HardwareProblem);
  return error;
}

Deno.test("config accepts a port as text, as the official driver does, or as a number", () => {
  assert.deepEqual(ykush.config.parse({}), { serial: null, default: "off", port: "all" });
  assert.equal(ykush.config.parse({ port: "2" }).port, "2");
  assert.equal(ykush.config.parse({ port: 2 }).port, "2");
  assert.throws(() => ykush.config.parse({ port: 4 }));
  assert.throws(() => ykush.config.parse({ port: "a" }));
  assert.throws(() => ykush.config.parse({ default: "up" }));
});

Deno.test("findYkush() finds a hub of either model by its serial number", async () => {
  for (const [serial, path] of [["YK2", "1-2"], ["Y3N1", "1-3"]] as const) {
    const { device, problem } = await findYkush({ serial }, HUBS);
    assert.equal(device.path, path);
    assert.equal(problem, undefined);
  }
});

Deno.test("findYkush() names what is plugged in instead of the hub", async () => {
  const error = await problem(findYkush({ serial: "YK9" }, HUBS));
  assert.equal(error.state, "missing");
  assert.match(error.message, /serial number 'YK9', found 04d8:f2f7 'YK1' at 1-1, /);
  assert.match(error.message, /correct 'serial'/);
  const none = await problem(findYkush({ serial: null }, []));
  assert.match(none.message, /expected a YKUSH, found none; plug it in/);
});

Deno.test("findYkush() uses the first of several without serial, with a warning", async () => {
  const { device, problem } = await findYkush({ serial: null }, HUBS);
  assert.equal(device.path, "1-1");
  assert.equal(problem?.state, "ambiguous");
  assert.ok(problem.usable);
  assert.equal(problem.candidates.length, 3);
  assert.match(problem.message, /name one by 'serial'/);
  assert.equal((await findYkush({ serial: null }, HUBS.slice(1, 2))).problem, undefined);
});

Deno.test("the driver opens without its hub, and each call reports that it is missing", async () => {
  await using power = await openDriver(ykush, { serial: "no such hub" });
  assert.match(power.logged.join(), /error: Cannot switch to the default 'off'.*'no such hub'/);
  const error = await problem(power.call("on"));
  assert.match(error.message, /'no such hub'/);
  await assert.rejects(power.stream("read"), { name: "NotSupported" });
  await assert.rejects(probeDriver(ykush, { serial: "no such hub" }), /'no such hub'/);
});
