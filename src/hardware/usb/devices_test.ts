import assert from "node:assert/strict";
import { describeUsb, udevRule, usbDevices } from "./devices.ts";

/** A folder with the kernel's list of `devices`: attributes by place. */
async function sysfs(devices: Record<string, Record<string, string>>) {
  const root = await Deno.makeTempDir({ prefix: "jmp-sysfs-" });
  for (const [path, attributes] of Object.entries(devices)) {
    const folder = `${root}/bus/usb/devices/${path}`;
    await Deno.mkdir(folder, { recursive: true });
    for (const [name, value] of Object.entries(attributes)) {
      await Deno.writeTextFile(`${folder}/${name}`, `${value}\n`);
    }
  }
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

const HUB = { idVendor: "04d8", idProduct: "f2f7", busnum: "1", devnum: "12", serial: "YK25838" };

Deno.test("usbDevices() lists devices by place, without root hubs and interfaces", async () => {
  const second = { ...HUB, devnum: "7", product: "YKUSH" };
  await using host = await sysfs({
    "1-10": HUB,
    "1-2.4": second,
    usb1: { ...HUB, devnum: "1" },
    "1-10:1.0": { bInterfaceNumber: "00" },
  });
  const devices = await usbDevices(host.root);
  assert.deepEqual(devices.map(({ path }) => path), ["1-2.4", "1-10"]);
  const { sysfs: folder, ...first } = devices[0]!;
  assert.ok(folder.endsWith("/bus/usb/devices/1-2.4"));
  assert.deepEqual(first, {
    path: "1-2.4",
    vendorId: 0x04d8,
    productId: 0xf2f7,
    product: "YKUSH",
    serial: "YK25838",
    bus: 1,
    address: 7,
    node: "/dev/bus/usb/001/007",
  });
});

Deno.test("usbDevices() leaves out a device that is being unplugged", async () => {
  await using host = await sysfs({ "1-1": HUB, "1-2": { idVendor: "04d8" } });
  assert.deepEqual((await usbDevices(host.root)).map(({ path }) => path), ["1-1"]);
});

Deno.test("usbDevices() finds nothing on a host without USB", async () => {
  assert.deepEqual(await usbDevices("/nowhere"), []);
});

Deno.test("describeUsb() and udevRule() name a device as people and udev do", async () => {
  const { serial: _, ...nameless } = HUB;
  await using host = await sysfs({ "1-1": HUB, "1-2": nameless });
  const [named, other] = await usbDevices(host.root);
  assert.equal(describeUsb(named!), "04d8:f2f7 'YK25838' at 1-1");
  assert.equal(describeUsb(other!), "04d8:f2f7 without serial number at 1-2");
  assert.equal(
    udevRule(named!),
    'SUBSYSTEM=="usb", ATTR{idVendor}=="04d8", ATTR{idProduct}=="f2f7", GROUP="plugdev", MODE="0660"',
  );
});
