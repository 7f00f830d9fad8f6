/** Flashers of boards and of QEMU: each command, the calls that it makes, and what it prints. */
import assert from "node:assert/strict";
import { declareDriver, type Driver, z } from "../../driver/mod.ts";
import { DriverError } from "../../wire/error.ts";
import { serve } from "../testing.ts";

const FILE = new URL("./images.ts", import.meta.url).pathname;

/** What a board answers. */
interface Board {
  readonly info?: Readonly<Record<string, string>>;
  readonly bootloader?: "works" | "fails";
  readonly oci?: unknown[][];
}

/** Serves a board of a client class as `d`; its calls are recorded, without handles. */
async function serveBoard(client: string, board: Board = {}) {
  const calls: unknown[] = [];
  const manifest = declareDriver({
    type: "acme.Board",
    client: `jumpstarter_driver_${client}`,
    config: z.object({}),
    load: () =>
      Promise.resolve({
        open: (): Driver => ({
          async call(method, args, { resources }) {
            const [handle, ...rest] = args;
            if (method !== "flash") calls.push([method, ...args]);
            else {
              let length = 0;
              const source = await resources.read(handle as Parameters<typeof resources.read>[0]);
              for await (const chunk of source) length += chunk.length;
              calls.push([method, length > 0, ...rest]);
            }
            if (method === "enter_bootloader" && board.bootloader === "fails") {
              throw new DriverError("no serial port");
            }
            return method.includes("info") ? board.info ?? {} : null;
          },
          async *stream(method, args) {
            calls.push([method, ...args]);
            yield* await Promise.resolve(board.oci ?? []);
          },
          bytes: () => Promise.reject(new Error("no byte streams")),
        }),
      }),
  });
  const served = await serve({ d: { type: "acme.Board" } }, { manifests: [manifest] });
  return { ...served, calls };
}

const ESP32 = "esp32.client.Esp32FlasherClient";
const STLINK = "stlink_msd.client.StlinkMsdFlasherClient";
const PICO = "pi_pico.client.PiPicoClient";

const INFO = { b: "2", a: "1" };
const PAIRS = "a: 1\nb: 2\n";
const ENTERING = "Entering BOOTSEL mode...\n";
const FLASHED = "Flashing firmware...\nFlash complete, Pico will reboot\n";

const RUNS: [string, string[], string, unknown[]][] = [
  [ESP32, ["flash", FILE], "done\n", [["flash", true, null]]],
  [ESP32, ["flash", FILE, "-a", "0x1000"], "done\n", [["flash", true, "0x1000"]]],
  [ESP32, ["chip-info"], PAIRS, [["get_chip_info"]]],
  [ESP32, ["erase"], "done\n", [["erase"]]],
  [ESP32, ["reset"], "done\n", [["hard_reset"]]],
  [ESP32, ["bootloader"], "done\n", [["enter_bootloader"]]],
  [STLINK, ["info"], PAIRS, [["info"]]],
  [
    STLINK,
    ["flash", FILE],
    "Flashing images.ts...\nFlash complete - ST-LINK will program the target MCU.\n",
    [["flash", true, "images.ts"]],
  ],
  [PICO, ["bootloader-info"], PAIRS, [["bootloader_info"]]],
  [
    PICO,
    ["flash", FILE, "--name", "a.uf2"],
    ENTERING + FLASHED,
    [["enter_bootloader"], ["flash", true, "a.uf2"]],
  ],
];

for (const [client, args, out, calls] of RUNS) {
  const shown = args.map((arg) => arg === FILE ? "FILE" : arg).join(" ");
  Deno.test(`j ${shown} of a ${client.split(".")[2]}`, async () => {
    await using served = await serveBoard(client, { info: INFO });
    assert.deepEqual(await served.j(["d", ...args]), { code: 0, out, err: "" });
    assert.deepEqual(served.calls, calls);
  });
}

Deno.test("a Pico that does not enter its boot loader is flashed all the same", async () => {
  await using served = await serveBoard(PICO, { bootloader: "fails" });
  const failed = "Could not enter BOOTSEL automatically: no serial port\n";
  assert.deepEqual(await served.j(["d", "flash", FILE]), {
    code: 0,
    out: ENTERING + failed + FLASHED,
    err: "",
  });
});

Deno.test("boards without information are an error", async () => {
  for (const [client, command] of [[STLINK, "info"], [PICO, "bootloader-info"]]) {
    await using served = await serveBoard(client!);
    const { code, out, err } = await served.j(["d", command!]);
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    assert.match(err, /^Error: the volume .*\n$/);
  }
});

Deno.test("a flasher of QEMU passes on the output of the program that fetches oci:// images", async () => {
  const client = "qemu.client.QemuFlasherClient";
  const oci = [["pulling\n", "", null], ["", "no such image\n", null], ["", "", 3]];
  await using served = await serveBoard(client, { oci });
  const ran = await served.j(["d", "flash", "oci://registry/image:latest"]);
  assert.deepEqual(ran, { code: 3, out: "pulling\n", err: "no such image\n" });
  assert.deepEqual(served.calls, [["flash_oci", "oci://registry/image:latest", null]]);
  assert.equal((await served.j(["d", "flash", FILE])).code, 0);
  assert.deepEqual(served.calls.at(-1), ["flash", true, null]);
});
