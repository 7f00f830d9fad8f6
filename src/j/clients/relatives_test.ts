/** Client classes that are relatives of the common ones: each command, and the calls that it makes. */
import assert from "node:assert/strict";
import { declareDriver, type Driver, z } from "../../driver/mod.ts";
import { serve } from "../testing.ts";

const ANSWERS: Readonly<Record<string, unknown>> = {
  status: "partial",
  read_pin: "1",
  monitor_cmd: "\nok\n",
  info: "STM32\n",
  reset_target: "",
  read: ["ff", "0001"],
};

/** Serves a driver of a client class as `d`; its calls are recorded. */
async function serveClass(client: string) {
  const calls: unknown[] = [];
  const manifest = declareDriver({
    type: "acme.Driver",
    client: `jumpstarter_driver_${client}`,
    config: z.object({}),
    children: true,
    load: () =>
      Promise.resolve({
        open: (): Driver => ({
          async call(method, args, { resources }) {
            calls.push([method, ...args]);
            if (method !== "download") return ANSWERS[method];
            let length = 0;
            const [handle] = args as Parameters<typeof resources.read>;
            for await (const chunk of await resources.read(handle)) length += chunk.length;
            return `${length} bytes`;
          },
          stream: () => [],
          bytes: () => Promise.reject(new Error("no byte streams")),
        }),
      }),
  });
  const mock = { type: "jumpstarter_driver_power.driver.MockPower" };
  const children = { power: mock, resize: mock, status: mock };
  const served = await serve({ d: { type: "acme.Driver", children } }, { manifests: [manifest] });
  return { ...served, calls };
}

const RUNS: [string, string[], string, unknown[]][] = [
  ["snmp.client.SNMPServerClient", ["on"], "", [["on"]]],
  ["snmp.client.SNMPServerClient", ["cycle", "-w", "0"], cycling(0), [["off"], ["on"]]],
  ["ridesx.client.RideSXPowerClient", ["cycle", "-w", "3"], cycling(3), [["cycle", 3]]],
  ["noyito_relay.client.NoyitoPowerClient", ["status"], "partial\n", [["status"]]],
  ["gpiod.client.DigitalOutputClient", ["read"], "active\n", [["read_pin"]]],
  ["gpiod.client.DigitalOutputClient", ["off"], "", [["off"]]],
  ["gpiod.client.DigitalInputClient", ["read", "--json"], '"active"\n', [["read_pin"]]],
  ["gpiod.client.DigitalInputClient", ["wait-for-active"], "", [["wait_for_active", 3600]]],
  [
    "gpiod.client.DigitalInputClient",
    ["wait-for-inactive", "--timeout=0.5"],
    "",
    [["wait_for_inactive", 0.5]],
  ],
  [
    "gpiod.client.DigitalInputClient",
    ["wait-for-edge", "-t", "1", "rising"],
    "",
    [["wait_for_edge", "rising", 1]],
  ],
  [
    "qemu.client.QemuClient",
    ["resize", "disk", "20G"],
    "Disk will be resized to 20G on next power on\n",
    [["set_disk_size", "20G"]],
  ],
  [
    "qemu.client.QemuClient",
    ["resize", "memory", "2G"],
    "Memory will be set to 2G on next power on\n",
    [["set_memory_size", "2G"]],
  ],
  ["qemu.client.QemuClient", ["power", "on"], "", []],
  ["ble.client.BleWriteNotifyStreamClient", ["info"], "STM32\n\n", [["info"]]],
  ["probe_rs.client.ProbeRsClient", ["info"], "STM32\n\n", [["info"]]],
  ["probe_rs.client.ProbeRsClient", ["reset"], "\n", [["reset_target"]]],
  ["probe_rs.client.ProbeRsClient", ["read", "16", "0xFFFFFFFFFFFFFFF0", "2"], "00ff 0001\n", [
    ["read", "b16", "0xfffffffffffffff0", "2"],
  ]],
  ["renode.client.RenodeClient", ["monitor", "mach", "create"], "ok\n", [
    ["monitor_cmd", "mach create"],
  ]],
  ["renode.client.RenodeClient", ["power", "on"], "", []],
  ["tftp.client.TftpServerClient", ["power", "on"], "", []],
];

function cycling(wait: number): string {
  return `Power cycling with ${wait} seconds wait time...\n`;
}

for (const [client, args, out, calls] of RUNS) {
  Deno.test(`j ${args.join(" ")} of a ${client.split(".")[2]}`, async () => {
    await using served = await serveClass(client);
    assert.deepEqual(await served.j(["d", ...args]), { code: 0, out, err: "" });
    assert.deepEqual(served.calls, calls);
  });
}

Deno.test("j download of a ProbeRsClient sends a file, and prints the answer", async () => {
  await using served = await serveClass("probe_rs.client.ProbeRsClient");
  const file = new URL(import.meta.url).pathname;
  const { code, out } = await served.j(["d", "download", file]);
  const { size } = await Deno.stat(file);
  assert.deepEqual({ code, out }, { code: 0, out: `${size} bytes\n` });
  const missing = await served.j(["d", "download", "/nope"]);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^Error: .*\/nope.*\n$/);
});

Deno.test("j read of a ProbeRsClient names what it cannot use", async () => {
  await using served = await serveClass("probe_rs.client.ProbeRsClient");
  for (const args of [["12", "0", "1"], ["8", "x", "1"], ["8", "0", "0"]]) {
    const { code, err } = await served.j(["d", "read", ...args]);
    assert.equal(code, 1);
    assert.match(err, /^Usage: [^]*\nError: Invalid value for '(WIDTH|ADDRESS|WORDS)': .*\n$/);
  }
  assert.deepEqual(served.calls, []);
});

Deno.test("j start-console of a BleWriteNotifyStreamClient names what needs no terminal", async () => {
  await using served = await serveClass("ble.client.BleWriteNotifyStreamClient");
  assert.deepEqual(await served.j(["d", "start-console"]), {
    code: 1,
    out: "",
    err: "Error: standard input is not a terminal; 'j stream d' takes files and pipes\n",
  });
});

Deno.test("j tells how to call drivers whose clients have no commands", async () => {
  await using served = await serveClass("can.client.CanClient");
  for (const args of [["d"], ["d", "send", "-x"]]) {
    assert.deepEqual(await served.j(args), {
      code: 1,
      out: "",
      err: "Error: jumpstarter_driver_can.client.CanClient has no commands; " +
        "call the driver's methods by 'j call d METHOD'\n",
    });
  }
});
