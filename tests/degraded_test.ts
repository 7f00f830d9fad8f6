/** A driver whose device is missing: told once at the start and once a lease, and looked at again. */
import assert from "node:assert/strict";
import { openPty } from "../drivers/pyserial/testing.ts";
import { ExporterStatus } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { LogSource } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { connectSession } from "../src/client/connect.ts";
import { TestController } from "./controller/controller.ts";
import { reported } from "./hook_lab.ts";
import { JmpProcess, withFiles } from "./jmp.ts";

const { EXPORTER_STATUS_AVAILABLE: AVAILABLE, EXPORTER_STATUS_LEASE_READY: READY } = ExporterStatus;

/** A serial port, and a storage that cannot be opened without its folder. */
const drivers = (dir: string) => ({
  serial: { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: `${dir}/tty` } },
  store: {
    type: "jumpstarter_driver_opendal.driver.Opendal",
    config: { scheme: "fs", kwargs: { root: `${dir}/no/folder` } },
  },
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
});

/** A driver that no host has. */
const NOPE = { type: "nope.driver.Nope" };

/** The lines since `from` that tell of degraded and recovered drivers. */
function told(process: JmpProcess, from = 0): string[] {
  return process.seen.slice(from).filter((line) => /is degraded|is available again/.test(line))
    .map((line) => line.replace(/^\S+ /, ""));
}

Deno.test("a degraded driver is told once at the start, and once a lease until its device is back", async () => {
  await using controller = await TestController.start();
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  // A file where the storage's folder should be.
  await withFiles({ no: "" }, async (dir) => {
    await Deno.writeTextFile(
      `${dir}/demo.yaml`,
      controller.exporterConfigYaml("demo", { ...drivers(dir), nope: NOPE }),
      { mode: 0o600 },
    );
    await using process = new JmpProcess(["run", "--exporter-config", `${dir}/demo.yaml`], {
      XDG_RUNTIME_DIR: dir,
      XDG_STATE_HOME: dir,
    });
    await reported(controller, AVAILABLE);
    await process.line(/Registered as/);
    const start = told(process);
    assert.equal(start.filter((line) => line.includes("'serial'")).length, 1, start.join("\n"));
    // The diagnostic of the config, with its line.
    const nope = process.seen.filter((line) => line.includes("nope"));
    assert.equal(nope.length, 1, nope.join("\n"));
    assert.match(
      nope[0]!,
      /^\S+demo\.yaml:\d+:\d+: warning: export\.nope\.type: .* driver degraded$/,
    );

    let from = process.seen.length;
    const lease = async (during: () => Promise<void> = () => Promise.resolve()) => {
      const held = controller.lease("demo", "tester");
      await reported(controller, READY);
      await using client = await controller.sessionClient(held);
      await client.report();
      await during();
      controller.endLease(held);
      await reported(controller, AVAILABLE);
      await process.line(/The lease is over/);
      const lines = told(process, from);
      from = process.seen.length;
      return lines;
    };
    const missing = await lease();
    assert.equal(missing.length, 3, missing.join("\n"));
    assert.ok(
      missing.some((line) => /^WARNING serial .*'serial' is degraded: Cannot open/.test(line)),
    );
    assert.ok(
      missing.some((line) => /^ERROR {3}store .*'store' is degraded: Cannot create/.test(line)),
    );

    await using pty = openPty();
    await Deno.symlink(pty.path, `${dir}/tty`);
    await Deno.remove(`${dir}/no`);
    const back = await lease();
    assert.equal(back.length, 3, back.join("\n"));
    for (const name of ["serial", "store"]) {
      assert.ok(back.some((line) => line.endsWith(`Driver '${name}' is available again`)), name);
    }
    assert.deepEqual((await lease()).filter((line) => !line.includes("'nope'")), []);
    await process.end("SIGTERM");
  });
});

Deno.test("clients of a standalone exporter read once what is degraded", async () => {
  await withFiles({}, async (dir) => {
    const { serial, power } = drivers(dir);
    const config = {
      apiVersion: "jumpstarter.dev/v1alpha1",
      kind: "ExporterConfig",
      metadata: { namespace: "lab", name: "demo" },
      export: { serial, power },
    };
    await Deno.writeTextFile(`${dir}/demo.yaml`, JSON.stringify(config), { mode: 0o600 });
    const path = `${dir}/socket`;
    const args = ["run", "--exporter-config", `${dir}/demo.yaml`, "--listen", `unix:${path}`];
    await using process = new JmpProcess(args);
    await process.line(/Serving/);
    assert.equal(told(process).length, 1, process.seen.join("\n"));
    await using client = await connectSession({ kind: "unix", path });
    const reading = new AbortController();
    for await (const line of client.logs({ signal: reading.signal })) {
      if (line.severity !== "WARNING") continue;
      assert.match(line.message, /^Driver 'serial' is degraded: Cannot open .*\/tty: expected a/);
      assert.equal(line.source, LogSource.LOG_SOURCE_DRIVER);
      break;
    }
    reading.abort();
    await process.end("SIGTERM");
  });
});
