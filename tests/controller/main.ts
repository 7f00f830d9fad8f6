/**
 * Runs a test controller until it is interrupted, and prints its address as JSON:
 * `deno run -A tests/controller/main.ts --exporter demo --client tester`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { TestController } from "./controller.ts";

const USAGE = `usage: main.ts [--exporter NAME]... [--client NAME]... [--label KEY=VALUE]...
                [--export FILE] [--old]
  --label   given to every exporter
  --export  YAML of the export tree; default: one MockPower, called power
  --old     behave as an old controller`;

const DEFAULT_EXPORT = "power: { type: jumpstarter_driver_power.driver.MockPower }";

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      exporter: { type: "string", multiple: true, default: ["demo"] },
      client: { type: "string", multiple: true, default: ["tester"] },
      label: { type: "string", multiple: true, default: ["target=demo"] },
      export: { type: "string" },
      old: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(USAGE);
  const labels = Object.fromEntries(values.label.map((label) => label.split("=", 2)));
  const tree = values.export ? await Deno.readTextFile(values.export) : DEFAULT_EXPORT;
  const folder = await Deno.makeTempDir({ prefix: "test-controller-" });
  try {
    await using controller = await TestController.start({ old: values.old });
    for (const name of values.exporter) controller.addExporter({ name, labels });
    for (const name of values.client) controller.addClient({ name });
    const configs = { exporters: values.exporter, clients: values.client, tree };
    print(JSON.stringify(await describe(controller, folder, configs), null, 2));
    await interrupted();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Configs {
  readonly exporters: string[];
  readonly clients: string[];
  readonly tree: string;
}

async function describe(controller: TestController, folder: string, configs: Configs) {
  const save = async (name: string, text: string) => {
    const path = `${folder}/${name}`;
    await Deno.writeTextFile(path, text);
    return path;
  };
  const { endpoint, routerEndpoint } = controller;
  const exporters = configs.exporters.map((name) =>
    save(`exporter-${name}.yaml`, controller.exporterConfigYaml(name, configs.tree))
  );
  const clients = configs.clients.map((name) =>
    save(`client-${name}.yaml`, controller.clientConfigYaml(name, { unsafe: true }))
  );
  return {
    endpoint,
    routerEndpoint,
    ca: await save("ca.pem", controller.caPem),
    exporters: await Promise.all(exporters),
    clients: await Promise.all(clients),
  };
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, resolve);
  });
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

if (import.meta.main) {
  await main(Deno.args);
  Deno.exit();
}
