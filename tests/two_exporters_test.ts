/** Several exporters in one process: what ends one leaves the others alone. */
import assert from "node:assert/strict";
import { connectSession } from "../src/client/connect.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "./controller/controller.ts";
import { startExporter } from "./exporter.ts";
import { EXPORT, powerOn } from "./hook_lab.ts";
import { until } from "./until.ts";

const HANG_MS = 60_000;

function reported(controller: TestController, status: Status) {
  return controller.next("ReportStatus", (message) => message.status === status);
}

Deno.test("an exporter whose hook ends it leaves the lease of another in its process alone", async () => {
  const controller = await TestController.start();
  for (const name of ["lasting", "failing"]) controller.addExporter({ name });
  controller.addClient({ name: "tester" });
  try {
    const hooks = { beforeLease: { script: "exit 4", onFailure: "exit" } };
    const texts = {
      lasting: controller.exporterConfigYaml("lasting", EXPORT),
      failing: controller.exporterConfigYaml("failing", EXPORT, { hooks }),
    };
    await using lasting = await startExporter(texts.lasting);
    const lease = controller.lease("lasting", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    await using client = await controller.sessionClient(lease);
    await powerOn(client);
    const failing = await startExporter(texts.failing);
    controller.lease("failing", "tester");
    assert.equal(await failing.ended, 1);
    await powerOn(client);
    controller.endLease(lease);
    await lasting.line(/^The lease is over$/);
    lasting.exporter.stop();
    assert.equal(await lasting.ended, 0);
  } finally {
    await controller[Symbol.asyncDispose]();
  }
});

Deno.test("stray errors and signals are handled once for all exporters of a process", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-two-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("two_exporters.ts", import.meta.url).pathname, dir],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(HANG_MS),
  }).spawn();
  const records: { level: string; msg: string; exporter?: string }[] = [];
  const reading = read(child.stderr, (line) => records.push(JSON.parse(line)));
  try {
    const has = (pattern: RegExp) => records.some(({ msg }) => pattern.test(msg));
    // One exporter has ended, by its hook; both errors have been survived.
    await until(() => has(/beforeLease: Hook failed/), HANG_MS);
    await until(() => has(/a stray rejection/) && has(/a stray error/), HANG_MS);
    await using client = await connectSession({ kind: "unix", path: `${dir}/lasting` });
    const { status } = await client.status();
    assert.equal(status, Status.EXPORTER_STATUS_LEASE_READY);
    await until(() => Deno.stat(`${dir}/failing`).then(() => false, () => true), HANG_MS);
    await powerOn(client);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 1);
    await reading;
    const count = (pattern: RegExp) => records.filter(({ msg }) => pattern.test(msg)).length;
    assert.equal(count(/carrying on: Error: a stray rejection/), 1);
    assert.equal(count(/carrying on: Error: a stray error/), 1);
    assert.equal(count(/^SIGTERM: shutting down$/), 1);
    const names = new Set(records.map(({ exporter }) => exporter));
    assert.deepEqual([...names].sort(), ["failing", "lasting", undefined]);
  } finally {
    await child.status;
    await Deno.remove(dir, { recursive: true });
  }
});

async function read(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void) {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(onLine);
  }
}
