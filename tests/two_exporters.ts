/** Two exporters in one process, which is told of stray errors. Started by two_exporters_test.ts. */
import { manifests } from "../drivers/mod.ts";
import { standaloneResident } from "../src/cli/serve.ts";
import { parseConfig } from "../src/config/parse.ts";
import { createRegistry } from "../src/driver/manifest.ts";
import { Log, stderrSink } from "../src/log/log.ts";
import { ProcessOwner } from "../src/process/owner.ts";

const [dir] = Deno.args;
const log = new Log([stderrSink({ format: "json" })]);

async function resident(name: string, hooks: string) {
  const text = `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: ${name} }
export: { power: { type: jumpstarter_driver_power.driver.MockPower } }
hooks: ${hooks}
`;
  const loader = { find: () => Promise.resolve(undefined) };
  const registry = createRegistry(manifests);
  const { config } = await parseConfig(text, `${name}.yaml`, { registry, loader, env: {} });
  return standaloneResident({
    config: config!,
    log: log.child({ exporter: name }),
    address: { kind: "unix", path: `${dir}/${name}` },
  });
}

using owner = new ProcessOwner(log);
const residents = [
  await resident("lasting", "{}"),
  await resident("failing", "{ beforeLease: { script: exit 4, onFailure: exit } }"),
];
setTimeout(() => void Promise.reject(new Error("a stray rejection")));
setTimeout(() => {
  throw new Error("a stray error");
});
Deno.exitCode = await owner.run(residents);
