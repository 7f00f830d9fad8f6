/**
 * The hooks of the official documentation on a host whose only client is `JMP_TEST_BINARY`, in leases
 * of an official client. `minimal.ts` runs this in a Debian without Python.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ExporterStatus as Status } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { key } from "../controller/records.ts";
import { ExporterProcess } from "../faults/exporter_process.ts";
import { EXPORT, LOCAL_NAME } from "../faults/lab.ts";
import { OfficialClient } from "../faults/official_client.ts";
import { until } from "../until.ts";

/** As the documentation writes them; each ends the lease, or the exporter, if `j` fails. */
const HOOKS = {
  beforeLease: {
    script: `echo "Lease $LEASE_NAME for $CLIENT_NAME"
j power on
echo "Waiting for the device"
j power cycle --wait 0 && echo "booted: $?"
`,
    timeout: 120,
    onFailure: "endLease",
  },
  afterLease: {
    script: `j power off
echo "cleaned: $?"
`,
    timeout: 60,
    onFailure: "exit",
  },
};

Deno.test("the documentation's hooks run as they are where there is no other j", async () => {
  await using scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-hooks-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  const controller = scope.use(await TestController.start());
  controller.addExporter({ name: "demo" });
  controller.addClient({ name: "tester" });
  const text = controller.exporterConfigYaml("demo", EXPORT, {
    hooks: HOOKS,
    grpcOptions: LOCAL_NAME,
  });
  await Deno.writeTextFile(`${dir}/exporter.yaml`, text, { mode: 0o600 });
  const client = `${dir}/client.yaml`;
  await Deno.writeTextFile(client, controller.clientConfigYaml("tester", { unsafe: true }));
  const exporter = scope.use(
    new ExporterProcess({
      config: `${dir}/exporter.yaml`,
      env: { RUNTIME_DIRECTORY: dir, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    }),
  );
  const record = controller.store.exporters.get(key("lab", "demo"))!;
  const available = () => until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, 60_000);
  await available();
  await using official = await OfficialClient.start(dir, client, "demo");
  for (let turn = 0; turn < 2; turn++) {
    exporter.lines.length = 0;
    const name = await official.lease();
    await official.works();
    await exporter.line(new RegExp(`Lease ${name} for tester`));
    await exporter.line(/booted: 0/);
    assert.ok(exporter.lines.some((line) => /power: power on|power.*power on/.test(line)));
    await official.release();
    await exporter.line(/cleaned: 0/);
    await available();
  }
  assert.doesNotMatch(exporter.tail(), /not found|ERROR/);
});
