import assert from "node:assert/strict";
import { HardwareProblem } from "../../src/driver/mod.ts";
import type { UsbDevice } from "../../src/hardware/usb/mod.ts";
import { findSdWire, type Selector } from "./find.ts";

function device(path: string, more: Partial<UsbDevice> = {}): UsbDevice {
  return {
    path,
    vendorId: 0x04e8,
    productId: 0x6001,
    product: "sd-wire",
    bus: 1,
    address: 2,
    node: "/dev/bus/usb/001/002",
    sysfs: `/sys/bus/usb/devices/${path}`,
    ...more,
  };
}

const FIRST = device("1-1.2", { serial: "sdw-1" });
const SECOND = device("1-3.2", { serial: "sdw-2" });
const FACTORY = device("1-4.2", { vendorId: 0x0403, productId: 0x6015, product: "FT200X" });
const REALTEK = device("1-5", { vendorId: 0x0bda, productId: 0x0316, serial: "2012" });
const PHONE = device("1-6", { product: "Galaxy", serial: "sdw-1" });

const select = (more: Partial<Selector>): Selector => ({ serial: null, usb_path: null, ...more });

async function problem(selector: Partial<Selector>, devices: UsbDevice[]) {
  const error = await findSdWire(select(selector), devices)
    .then(() => assert.fail("it was found"), (error) => error);
  assert.ok(error instanceof HardwareProblem);
  return error;
}

Deno.test("findSdWire() finds by serial number, by USB port, and the only one without either", async () => {
  const all = [FIRST, SECOND, FACTORY, REALTEK, PHONE];
  const cases = [
    [{ serial: "sdw-2" }, all, SECOND, "ftdi"],
    [{ serial: "sdw-1" }, all, FIRST, "ftdi"],
    [{ usb_path: "1-4.2" }, all, FACTORY, "ftdi"],
    [{ serial: "2012" }, all, REALTEK, "realtek"],
    [{}, [SECOND, FACTORY, REALTEK, PHONE], SECOND, "ftdi"],
  ] as const;
  for (const [selector, devices, device, model] of cases) {
    assert.deepEqual(await findSdWire(select(selector), [...devices]), { device, model });
  }
});

Deno.test("findSdWire() does not choose between several", async () => {
  const error = await problem({}, [FIRST, SECOND]);
  assert.equal(error.state, "ambiguous");
  assert.equal(error.usable, false);
  assert.deepEqual(error.candidates, ["04e8:6001 'sdw-1' at 1-1.2", "04e8:6001 'sdw-2' at 1-3.2"]);
  assert.match(error.message, /name one by 'serial' or 'usb_path'/);
});

Deno.test("findSdWire() names what it searched and what it found", async () => {
  const wrong = await problem({ serial: "sdw-9" }, [FIRST, FACTORY]);
  assert.equal(wrong.state, "missing");
  assert.match(
    wrong.message,
    /serial number 'sdw-9', found 04e8:6001 'sdw-1' at 1-1\.2, 0403:6015/,
  );
  const place = await problem({ usb_path: "1-9" }, [FIRST]);
  assert.match(place.message, /expected an SDWire at 1-9, found 04e8:6001/);
  // Chips that other devices have, too, are no SDWire unless the config names them.
  const none = await problem({}, [FACTORY, REALTEK, PHONE]);
  assert.match(none.message, /found neither a programmed one \(04e8:6001\) nor an FT200X/);
});
