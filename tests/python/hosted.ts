/** A standalone exporter in this process whose config has Python drivers, and a client. @module */
import { manifests } from "../../drivers/mod.ts";
import { connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { createRegistry } from "../../src/driver/manifest.ts";
import { StandaloneExporter } from "../../src/exporter/standalone.ts";
import { ForeignHosts } from "../../src/foreign/foreign_hosts.ts";
import { CustomDrivers } from "../../src/foreign/worker/mod.ts";
import { Log, type LogRecord } from "../../src/log/log.ts";
import type { DriverInstanceReport } from "../../src/wire/gen/jumpstarter/v1/jumpstarter.ts";
import { officialClient } from "../official/environment.ts";

const NAME = "jumpstarter.dev/name";

/** @see module */
export interface Hosted extends AsyncDisposable {
  readonly client: SessionClient;
  readonly exporter: StandaloneExporter;
  readonly records: readonly LogRecord[];
  /** Warnings and errors about the config. */
  readonly diagnostics: readonly string[];
  readonly rows: readonly DriverInstanceReport[];
  /** The row of the driver at a path: `board.power`. */
  row(path: string): DriverInstanceReport;
  call(path: string, method: string, ...args: unknown[]): Promise<unknown>;
}

/** The interpreter with the official packages. */
export async function interpreter(): Promise<string> {
  return Deno.env.get("JMP_TEST_DRIVERS_PYTHON") ?? `${(await officialClient()).bin}/python`;
}

/** Serves the entries of `exported`, which is YAML, with the drivers of `site_drivers.py`. */
export async function hosted(
  exported: string,
  files: Record<string, string> = {},
): Promise<Hosted> {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-hosted-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/${name}`, text);
  }
  Deno.env.set("PYTHONPATH", new URL("./drivers", import.meta.url).pathname);
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]);
  const hosts = stack.use(
    new ForeignHosts({ env: { JMP_PYTHON: await interpreter(), HOME: dir }, log }),
  );
  const loader = stack.use(new CustomDrivers({ dirs: [], log }));
  const text = `metadata: {namespace: lab, name: python}\nexport:\n${exported}`;
  const registry = createRegistry(manifests);
  const { config, diagnostics } = await parseConfig(text, `${dir}/exporter.yaml`, {
    registry,
    loader,
    hosts,
    env: {},
  });
  if (!config) throw new Error(JSON.stringify(diagnostics));
  const exporter = stack.use(new StandaloneExporter({ config, log }));
  await exporter.listenUnix(`${dir}/socket`);
  const client = stack.use(await connectSession({ kind: "unix", path: `${dir}/socket` }));
  const { reports: rows } = await client.report();
  const row = (path: string) =>
    path.split(".").reduce((parent, name) => {
      const found = rows.find(({ parentUuid, labels }) =>
        parentUuid === parent.uuid && labels[NAME] === name
      );
      if (!found) throw new Error(`the report has no ${path}: ${JSON.stringify(rows)}`);
      return found;
    }, rows[0]!);
  return {
    client,
    exporter,
    records,
    diagnostics: diagnostics.map(({ message }) => message),
    rows,
    row,
    call: (path, method, ...args) => client.call(row(path).uuid, method, args),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
