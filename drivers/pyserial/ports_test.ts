import assert from "node:assert/strict";
import { serialPorts, stableName } from "./ports.ts";
import { findPort } from "./search.ts";
import { parseSearch } from "./search_url.ts";

/** A host with an FTDI adapter, a modem with two interfaces, a PC's own port and a placeholder. */
async function host() {
  const root = await Deno.makeTempDir({ prefix: "jmp-ports-" });
  const write = async (path: string, text: string) => {
    await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, `${text}\n`);
  };
  const link = async (path: string, target: string) => {
    await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/"))}`, { recursive: true });
    await Deno.mkdir(`${root}/${target}`, { recursive: true });
    await Deno.symlink(`${root}/${target}`, `${root}/${path}`);
  };
  const device = async (path: string, attributes: Record<string, string>) => {
    for (const [name, value] of Object.entries(attributes)) await write(`${path}/${name}`, value);
  };
  await device("devices/1-1", {
    ...{ idVendor: "0403", idProduct: "6001", serial: "A50285BI" },
    ...{ product: "FT232R USB UART", bNumInterfaces: " 1" },
  });
  await link("devices/1-1/1-1:1.0/ttyUSB10/subsystem", "bus/usb-serial");
  await link("sys/class/tty/ttyUSB10/device", "devices/1-1/1-1:1.0/ttyUSB10");
  await device("devices/1-2.3", {
    ...{ idVendor: "1a2b", idProduct: "00ff", product: "Modem", bNumInterfaces: " 2" },
    "1-2.3:1.0/interface": "Control",
  });
  await link("devices/1-2.3/1-2.3:1.0/subsystem", "bus/usb");
  await link("sys/class/tty/ttyACM0/device", "devices/1-2.3/1-2.3:1.0");
  await link("devices/00:05/subsystem", "bus/pnp");
  await device("devices/00:05", { id: "PNP0501" });
  await link("sys/class/tty/ttyS0/device", "devices/00:05");
  await link("devices/serial8250/subsystem", "bus/platform");
  await link("sys/class/tty/ttyS1/device", "devices/serial8250");
  for (const name of ["ttyUSB10", "ttyACM0", "ttyS0", "ttyS1", "tty0", "null"]) {
    await write(`dev/${name}`, "");
  }
  await Deno.mkdir(`${root}/dev/serial/by-id`, { recursive: true });
  await Deno.symlink("../../ttyUSB10", `${root}/dev/serial/by-id/usb-FTDI_A50285BI-port0`);
  return {
    folders: { sysfs: `${root}/sys`, dev: `${root}/dev` },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

Deno.test("serialPorts() describes ports as pyserial's list_ports does", async () => {
  await using site = await host();
  const { dev } = site.folders;
  assert.deepEqual(await serialPorts(site.folders), [
    {
      device: `${dev}/ttyACM0`,
      description: "Modem - Control",
      hwid: "USB VID:PID=1A2B:00FF LOCATION=1-2.3:1.0",
      usb: true,
    },
    { device: `${dev}/ttyS0`, description: "ttyS0", hwid: "PNP0501", usb: false },
    {
      device: `${dev}/ttyUSB10`,
      description: "FT232R USB UART",
      hwid: "USB VID:PID=0403:6001 SER=A50285BI LOCATION=1-1",
      usb: true,
    },
  ]);
  assert.equal(
    await stableName(`${dev}/ttyUSB10`, site.folders),
    `${dev}/serial/by-id/usb-FTDI_A50285BI-port0`,
  );
  assert.equal(await stableName(`${dev}/ttyACM0`, site.folders), `${dev}/ttyACM0`);
});

const PORTS = ["ttyUSB0", "ttyUSB1", "ttyUSB2"].map((name, index) => ({
  device: `/dev/${name}`,
  description: "FT232R USB UART",
  hwid: `USB VID:PID=0403:6001 SER=A${index} LOCATION=1-${index}`,
  usb: true,
}));

Deno.test("findPort() searches device, description and hwid, ignoring case", async () => {
  for (const pattern of ["ser=a1", "LOCATION=1-1$", "usb1"]) {
    const found = await findPort(parseSearch(`hwgrep://${pattern}`), PORTS);
    assert.deepEqual(found, { device: "/dev/ttyUSB1" }, pattern);
  }
});

Deno.test("findPort() uses the first of several with a warning, or the one that n names", async () => {
  const { device, problem } = await findPort(parseSearch("hwgrep://0403:6001"), PORTS);
  assert.equal(device, "/dev/ttyUSB0");
  assert.equal(problem?.state, "ambiguous");
  assert.equal(problem.candidates.length, 3);
  const third = await findPort(parseSearch("hwgrep://0403:6001&n=3"), PORTS);
  assert.deepEqual(third, { device: "/dev/ttyUSB2" });
  await assert.rejects(
    findPort(parseSearch("hwgrep://0403:6001&n=4"), PORTS),
    /expected 4 serial ports that match it, found 3 that match/,
  );
  await assert.rejects(
    findPort(parseSearch("hwgrep://zzz&skip_busy"), PORTS),
    /expected a serial port that matches it, found none among \/dev\/ttyUSB0 \(FT232R/,
  );
});

Deno.test("parseSearch() refuses invalid patterns and options", () => {
  assert.throws(() => parseSearch("hwgrep://"), /expected a pattern/);
  assert.throws(() => parseSearch("hwgrep://("), /expected a regular expression, found '\('/);
  assert.throws(() => parseSearch("hwgrep://x&n=0"), /found 'n=0'/);
  assert.throws(() => parseSearch("hwgrep://x&what"), /found 'what'/);
});
