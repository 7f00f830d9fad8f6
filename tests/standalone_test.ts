/** Exporters without a controller, with hooks. */
import assert from "node:assert/strict";
import { manifests } from "../drivers/mod.ts";
import { parseConfig } from "../src/config/parse.ts";
import { createRegistry } from "../src/driver/manifest.ts";
import { StandaloneExporter } from "../src/exporter/standalone.ts";
import { Log, type LogRecord } from "../src/log/log.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { connectSession } from "../src/client/connect.ts";
import {
  type EndSessionResponse,
  type GetStatusResponse,
} from "../src/wire/gen/jumpstarter/v1/jumpstarter.ts";

interface Standalone extends AsyncDisposable {
  readonly exporter: StandaloneExporter;
  readonly records: LogRecord[];
  /** Polls until the status is `status`, as official clients do. */
  until(status: Status): Promise<GetStatusResponse>;
  endSession(): Promise<EndSessionResponse>;
}

async function standalone(hooks = "{}", mode = 0o700): Promise<Standalone> {
  const text = `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
export: { power: { type: jumpstarter_driver_power.driver.MockPower } }
hooks: ${hooks}
`;
  const loader = { find: () => Promise.resolve(undefined) };
  const registry = createRegistry(manifests);
  const { config } = await parseConfig(text, "standalone.yaml", { registry, loader, env: {} });
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]);
  const dir = await Deno.makeTempDir({ prefix: "jmp-standalone-" });
  await Deno.chmod(dir, mode);
  const exporter = new StandaloneExporter({ config: config!, log });
  await exporter.listenUnix(`${dir}/socket`);
  const client = await connectSession({ kind: "unix", path: `${dir}/socket` });
  return {
    exporter,
    records,
    async until(status) {
      for (let turn = 0; turn < 200; turn++) {
        const now = await client.status();
        if (now.status === status) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(
        `Expected status ${Status[status]}, found ${JSON.stringify(await client.status())}`,
      );
    },
    endSession: () => client.endSession(),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await exporter[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

const hookLines = (records: LogRecord[]) => {
  return records.filter(({ origin }) => origin.endsWith("Lease")).map(({ message }) => message);
};

Deno.test("without a controller hooks run around each session, and the next client is welcome", async () => {
  const hooks = `{ beforeLease: { script: echo before }, afterLease: { script: echo after } }`;
  await using bench = await standalone(hooks);
  await bench.until(Status.EXPORTER_STATUS_LEASE_READY);
  assert.deepEqual(hookLines(bench.records), ["before"]);
  assert.equal((await bench.endSession()).success, true);
  await bench.until(Status.EXPORTER_STATUS_AVAILABLE);
  assert.deepEqual(hookLines(bench.records), ["before", "after"]);
  await bench.until(Status.EXPORTER_STATUS_LEASE_READY);
  assert.deepEqual(hookLines(bench.records), ["before", "after", "before"]);
});

Deno.test("without a controller a hook that exits ends the exporter with 1", async () => {
  await using bench = await standalone("{ beforeLease: { script: exit 4, onFailure: exit } }");
  const { message } = await bench.until(Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  assert.match(message!, /shutting down\): Hook failed with exit code 4/);
  assert.equal(await bench.exporter.stopped, 1);
});

Deno.test("without a controller afterLease runs when the exporter stops", async () => {
  await using bench = await standalone("{ afterLease: { script: echo after } }");
  await bench.until(Status.EXPORTER_STATUS_LEASE_READY);
  bench.exporter.stop();
  assert.equal(await bench.exporter.stopped, 0);
  assert.deepEqual(hookLines(bench.records), ["after"]);
});

Deno.test("a socket is made without the umask, and where others can replace it with a warning", async () => {
  const { umask } = Deno;
  const changes: (number | undefined)[] = [];
  Deno.umask = (mask) => {
    changes.push(mask);
    return umask(mask);
  };
  await using open = await standalone("{}", 0o777).finally(() => Deno.umask = umask);
  assert.deepEqual(changes, []);
  const warnings = open.records.filter(({ severity }) => severity === "warning");
  assert.match(
    warnings.map(({ message }) => message).join(),
    /^Other users can replace the socket .*found mode 0777; .* chmod go-w \S+$/,
  );
  await using quiet = await standalone();
  assert.deepEqual(quiet.records.filter(({ severity }) => severity === "warning"), []);
});
