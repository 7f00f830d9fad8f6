import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import { parseConfig } from "../config/parse.ts";
import { createRegistry } from "../driver/manifest.ts";
import type { HostedDriver } from "../tree/entry.ts";
import type { ProcessHosts } from "../tree/loader.ts";
import { clientPackages } from "./client_packages.ts";

async function packagesOf(entries: string, hosts?: ProcessHosts): Promise<string[]> {
  const head = "apiVersion: jumpstarter.dev/v1alpha1\nkind: ExporterConfig\n" +
    'metadata: {namespace: lab, name: demo}\nendpoint: ""\ntoken: ""\nexport:\n';
  const loader = { find: () => Promise.resolve(undefined) };
  const options = { registry: createRegistry(manifests), loader, ...(hosts && { hosts }), env: {} };
  const { config, diagnostics } = await parseConfig(head + entries, "x.yaml", options);
  assert.ok(config, JSON.stringify(diagnostics));
  return clientPackages(config.tree.root);
}

Deno.test("clientPackages() names the package of each client class once, and that of the root", async () => {
  const power = "type: jumpstarter_driver_power.driver.MockPower";
  assert.deepEqual(
    await packagesOf(`  a: {${power}}\n  b: {children: {c: {${power}}}}\n  d: {ref: a}\n`),
    ["jumpstarter-driver-composite", "jumpstarter-driver-power"],
  );
});

Deno.test("clientPackages() names no package for a driver that is not known", async () => {
  assert.deepEqual(await packagesOf("  a: {type: acme_relay.driver.Relay}\n"), [
    "jumpstarter-driver-composite",
  ]);
});

/** Hosts every driver that is not built in; none of them has run. */
const hosts: ProcessHosts = {
  forConfig: () => ({
    claim: () => Promise.resolve(undefined),
    find: () => Promise.resolve({ process: {} } as HostedDriver),
    adopt: (entries) => Promise.resolve(entries),
  }),
};

Deno.test("clientPackages() guesses the package of a Python driver that has not run yet", async () => {
  assert.deepEqual(await packagesOf("  a: {type: acme_relay.driver.Relay}\n", hosts), [
    "acme-relay",
    "jumpstarter-driver-composite",
  ]);
});
