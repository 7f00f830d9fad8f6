/**
 * The packed exporter whose cache is removed while it runs: `JMP_TEST_BINARY`, which unpacks
 * into `JMP_CACHE_DIR`. `start_test.ts` runs this with a file of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ExporterStatus as Status } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import type { Drivers } from "../attacks/target.ts";
import { callDriver, upload } from "../attacks/uploads.ts";
import { TestController } from "../controller/controller.ts";
import { key } from "../controller/records.ts";
import { until } from "../until.ts";
import { ExporterProcess } from "../faults/exporter_process.ts";
import { LOCAL_NAME } from "../faults/lab.ts";

const CUSTOM = `export default ({ defineDriver, z }: { defineDriver: any; z: any }) =>
  defineDriver({
    client: "jumpstarter_driver_power.client.PowerClient",
    config: z.strictObject({}),
    open: () => ({ calls: { on: () => "in TypeScript" satisfies string, off() {} } }),
  });
`;

/** "one\n" by the usual tools. */
const IMAGES = {
  gzip: "1f8b0800000000000003cbcf4be502009fa817f804000000",
  xz: "fd377a585a000004e6d6b4460200210116000000742fe5a30100036f6e650a00f55cbb561fc6fd8600011c046f" +
    "2c9cc11fb6f37d010000000004595a",
  bz2: "425a68393141592653597813c082000001c10000100201a000219a68334d0cbc5dc914e14241e04f0208",
  zstd: "28b52ffd04582100006f6e650adf166809",
};

/** A worker without drivers ends after so many ms, so that the lease needs another one. */
const IDLE_MS = 7_000;

Deno.test("an exporter goes on when its cache is removed", async () => {
  await using scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-cleaned-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.mkdir(`${dir}/storage`);
  await Deno.writeTextFile(`${dir}/custom.ts`, CUSTOM);
  const controller = scope.use(await TestController.start());
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const text = controller.exporterConfigYaml("demo", {
    custom: { type: `${dir}/custom.ts` },
    storage: {
      type: "jumpstarter_driver_opendal.driver.Opendal",
      config: { scheme: "fs", kwargs: { root: `${dir}/storage` } },
    },
  }, {
    grpcOptions: LOCAL_NAME,
    // In the last lease only, because it unpacks the program again.
    hooks: { afterLease: { script: `! [ -e ${dir}/last ] || { j custom on; echo "j: $?"; }` } },
  });
  await Deno.writeTextFile(`${dir}/exporter.yaml`, text, { mode: 0o600 });
  const exporter = scope.use(
    new ExporterProcess({ config: `${dir}/exporter.yaml`, env: { RUNTIME_DIRECTORY: dir } }),
  );
  const record = controller.store.exporters.get(key("lab", "demo"))!;
  await until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, 60_000);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));

  await Deno.remove(Deno.env.get("JMP_CACHE_DIR")!, { recursive: true });

  for (let turn = 0; turn < 2; turn++) {
    const lease = controller.lease("demo", "tester");
    await until(() => record.status === Status.EXPORTER_STATUS_LEASE_READY, 60_000);
    await using session = await controller.sessionClient(lease);
    const target: Drivers = {
      uuids: new Map(record.reports.map(({ uuid, labels }) => [
        labels["jumpstarter.dev/name"]!,
        uuid,
      ])),
    };
    assert.equal(await callDriver(target, session, "custom", "on"), "in TypeScript");
    for (const [encoding, image] of Object.entries(IMAGES)) {
      await upload(target, session, encoding, [Uint8Array.from(Buffer.from(image, "hex"))]);
      assert.equal(await Deno.readTextFile(`${dir}/storage/upload`), "one\n", encoding);
      await Deno.remove(`${dir}/storage/upload`);
    }
    if (turn === 1) await Deno.writeTextFile(`${dir}/last`, "");
    controller.endLease(lease);
    await until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, 60_000);
  }
  await exporter.line(/j: 0$/);
  assert.doesNotMatch(exporter.tail(), /ERROR|No such file/);
});
