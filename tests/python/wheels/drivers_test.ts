/** Official Python drivers, hosted by our exporter, do their work for the official client. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type Lab, openLab } from "./lab.ts";
import { TREE } from "./report.ts";

/** What the simulated unit answers, as the driver tells it: in hexadecimal digits. */
const VIN = Buffer.from("WVWZZZ3CZWE123456").toString("hex");

type Scenario = (lab: Lab) => Promise<void>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "the tree has every driver, and the children that drivers make": async ({ use }) =>
    assert.deepEqual(await use("show_tree"), TREE),
  "SNMPServer switches an outlet of snmpd by SNMPv3": async ({ use, places }) =>
    assert.deepEqual(await use("use_snmp", places.agent.outlet), ["1", "0", "1"]),
  "TasmotaPower switches by MQTT": async ({ use, places }) =>
    assert.deepEqual(await use("use_tasmota", `${places.ports.mqtt}`), ["ON", "OFF"]),
  "HttpPower, EnerGenie and NoyitoPowerSerial switch": async ({ use, places }) =>
    assert.deepEqual(await use("use_switches", `${places.ports.web}`), {
      http: [[230.5, 0.25], [0, 0]],
      strip: [{ cte2: "1" }, { cte2: "0" }],
      relay: ["on", "off"],
    }),
  "Tftp serves an uploaded file to curl": async ({ use, places }) =>
    assert.deepEqual(await use("use_tftp", places.dir), { equal: true, names: ["/", "kernel"] }),
  "HttpServer serves an uploaded file to curl": async ({ use, places }) =>
    assert.deepEqual(await use("use_http", places.dir), { equal: true, refused: true }),
  "Qemu boots an image that was flashed, and its console answers": async ({ use, places }) =>
    assert.deepEqual(await use("use_qemu", places.dir), { hostname: "board", answered: true }),
  "Can sends frames over a virtual bus": async ({ use }) =>
    assert.deepEqual(await use("use_can"), [[0x120, "00ff"], [0x121, "01ff"], [0x122, "02ff"]]),
  "Shell runs a method with arguments, variables and an exit code": async ({ use }) =>
    assert.deepEqual(await use("use_shell"), { printed: "hello, you\n", code: 3 }),
  "Esp32Flasher flashes a simulated chip": flashChip,
  "SomeIp sends a message and UdsDoip diagnoses a simulated unit": diagnose,
  "UStreamer takes a picture": async ({ use }) =>
    assert.deepEqual(await use("use_camera"), { ok: true, size: [640, 480] }),
  "ProbeRs and the drivers that only tell are configured": async ({ use }) =>
    assert.deepEqual(await use("use_told"), {
      probe: "nRF52840_xxAA: info\n",
      memory: [0xdeadbeef, 0xcafebabe],
      ssh: "root",
      vnc: false,
      uboot: "\n=>",
    }),
};

Deno.test("official Python drivers work through the router in a lease", async (t) => {
  await using lab = await openLab();
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    await t.step(name, async () => {
      const before = lab.log().length;
      try {
        await scenario(lab);
      } catch (error) {
        (error as Error).message += `\nThe exporter said:\n${lab.log().slice(before)}`;
        throw error;
      }
    });
  }
});

async function diagnose({ use, log }: Lab): Promise<void> {
  assert.deepEqual(await use("use_ecu"), {
    someip: [0x1234, 0x0021, "010203"],
    uds: [0xf190, VIN, true],
  });
  // A library's own records name no driver.
  assert.match(log(), /INFO +root \(.*\): WriteDataByIdentifier/);
  assert.match(log(), /INFO +esp32 \(.*\): _connect_esp/);
}

async function flashChip({ use, places, flash }: Lab): Promise<void> {
  assert.deepEqual(await use("use_esp32", places.dir), {
    chip: "ESP32-D0WDQ6 (revision v0.0)",
    features: "Wi-Fi, BT, Dual Core + LP Core, Coding Scheme None",
    mac: "24:0a:c4:01:02:03",
  });
  const flashed = await flash();
  const firmware = await Deno.readFile(`${places.dir}/firmware`);
  assert.ok(flashed.subarray(0, 0x1000).every((byte) => byte === 0xff));
  assert.deepEqual(flashed.subarray(0x1000, 0x1000 + firmware.length), firmware);
}
