import assert from "node:assert/strict";
import { composite } from "../../drivers/composite/manifest.ts";
import { mockPower } from "../../drivers/power/manifest.ts";
import { createRegistry, defineDriver, z } from "../driver/manifest.ts";
import { report } from "../tree/report.ts";
import { DeviceError } from "../wire/error.ts";
import { formatDiagnostic } from "./yaml/diagnostics.ts";
import { requireController } from "./controller_requirements.ts";
import { parseConfig, type ParseOptions } from "./parse.ts";
import type { ExporterConfig } from "./exporter_config.ts";

const port = defineDriver({
  type: "test.Port",
  client: "test.client.Port",
  config: z.strictObject({
    url: z.string(),
    check: z.boolean().default(true),
    n: z.int().default(1),
  }),
  open: () => ({}),
});

const options: ParseOptions = {
  registry: createRegistry([composite, mockPower, port]),
  loader: { find: () => Promise.resolve(undefined) },
  env: {},
};

async function read(text: string, more: Partial<ParseOptions> = {}): Promise<ExporterConfig> {
  const { config, diagnostics } = await parseConfig(text, "lab/bench.yaml", {
    ...options,
    ...more,
  });
  assert.ok(config, diagnostics.map(formatDiagnostic).join("\n"));
  return config;
}

async function messages(text: string, more: Partial<ParseOptions> = {}): Promise<string[]> {
  const { diagnostics } = await parseConfig(text, "f.yaml", { ...options, ...more });
  return diagnostics.map(formatDiagnostic);
}

Deno.test("parseConfig() fills in defaults", async () => {
  const { locate: _, tree, ...config } = await read("kind: ExporterConfig\n");
  assert.deepEqual(config, {
    file: "lab/bench.yaml",
    apiVersion: "jumpstarter.dev/v1alpha1",
    kind: "ExporterConfig",
    metadata: {},
    identity: { namespace: "default", name: "bench" },
    tls: { insecure: false },
    tokenFiles: [],
    hooks: {},
    failureDetection: { maxRapidFailures: 5, rapidFailureWindowSeconds: 60 },
    exitOnLeaseEnd: false,
    channelOptions: {},
    export: [],
  });
  assert.deepEqual(tree.root.children, []);
});

Deno.test("parseConfig() merges grpcConfig and grpcOptions; grpcOptions takes precedence", async () => {
  const { channelOptions } = await read(
    "grpcConfig: {a: 1, b: two}\ngrpcOptions: {a: 3, c: true}\n",
  );
  assert.deepEqual(channelOptions, { a: 3, b: "two", c: 1 });
});

Deno.test("parseConfig() reads hooks in both spellings", async () => {
  const { hooks } = await read(
    "hooks:\n  before_lease: {script: a, timeout: '7', on_failure: exit}\n  afterLease: {script: b, exec: sh}\n",
  );
  assert.deepEqual(hooks, {
    beforeLease: { script: "a", timeoutSeconds: 7, onFailure: "exit" },
    afterLease: { script: "b", exec: "sh", timeoutSeconds: 120, onFailure: "warn" },
  });
});

Deno.test("parseConfig() adds port 443 to an endpoint and keeps the brackets of IPv6", async () => {
  assert.equal((await read("endpoint: example.com\n")).endpoint, "example.com:443");
  assert.equal((await read('endpoint: "[::1]:8082"\n')).endpoint, "[::1]:8082");
});

Deno.test("parseConfig() fills in missing metadata and overrides other fields from the environment", async () => {
  const env = {
    JMP_NAMESPACE: "env",
    JMP_NAME: "env",
    JMP_ENDPOINT: "env:1",
    JMP_TOKEN: "env",
    JMP_GRPC_INSECURE: "1",
  };
  const config = await read("metadata: {name: file}\nendpoint: file:1\ntoken: file\n", { env });
  assert.deepEqual(config.identity, { namespace: "env", name: "file" });
  assert.equal(config.endpoint, "env:1");
  assert.equal(config.token, "env");
  assert.equal(config.tls.insecure, true);
});

Deno.test("parseConfig() names the variable that contains a bad endpoint", async () => {
  assert.deepEqual(await messages("endpoint: good:1\n", { env: { JMP_ENDPOINT: "http://x" } }), [
    "f.yaml:1:1: error: endpoint: JMP_ENDPOINT: expected host:port, found the scheme 'http://'; write x:443",
  ]);
});

Deno.test("requireController() reports missing fields at the position where they belong", async () => {
  const config = await read("kind: ExporterConfig\nmetadata:\n  namespace: lab\n");
  assert.deepEqual(requireController(config).map(formatDiagnostic), [
    "lab/bench.yaml:2:1: error: metadata.name: expected the exporter's name, found nothing; add 'metadata.name' or set JMP_NAME",
    "lab/bench.yaml:1:1: error: endpoint: expected the controller's host:port, found nothing; add 'endpoint' or set JMP_ENDPOINT",
    "lab/bench.yaml:1:1: error: token: expected the token that the controller issued, or 'tokenFile', found nothing; add 'token' or set JMP_TOKEN",
  ]);
});

Deno.test("requireController() accepts a token file", async () => {
  const config = await read(
    "metadata: {namespace: a, name: b}\nendpoint: c\ntokenFile: secrets/token\n",
  );
  assert.deepEqual(requireController(config), []);
});

Deno.test("parseConfig() keeps the drivers in the order of the file", async () => {
  const entry = "{type: jumpstarter_driver_power.driver.MockPower}";
  const { export: entries } = await read(`export: {b: ${entry}, "2": ${entry}, "1": ${entry}}\n`);
  assert.deepEqual(entries.map(({ name }) => name), ["b", "2", "1"]);
});

Deno.test("parseConfig() resolves an alias as the name of a driver", async () => {
  const text = "motd: &name relay\nexport:\n  *name :\n    children: {}\n";
  const { export: entries } = await read(text);
  assert.deepEqual(entries.map(({ name, kind }) => [name, kind]), [["relay", "driver"]]);
});

Deno.test("parseConfig() reads yes and no as booleans where a driver expects one", async () => {
  const text = "export:\n  a:\n    type: test.Port\n    config: {url: a, check: no}\n";
  const { tree } = await read(text);
  const [node] = tree.root.children;
  assert.ok(node?.kind === "driver" && "implementation" in node.source);
  assert.deepEqual(node.source.config, { url: "a", check: false, n: 1 });
  assert.deepEqual(await messages(text), []);
});

Deno.test("parseConfig() warns about values that the official exporter reads differently", async () => {
  const text = "export:\n  a:\n    type: test.Port\n    config:\n      url: 1:30\n      n: 010\n";
  assert.deepEqual(await messages(text), [
    'f.yaml:5:12: warning: export.a.config.url: 1:30 is text here, but the official exporter reads the number 90 (YAML 1.1); write "1:30" in quotes',
    "f.yaml:6:10: warning: 010 is read as 8, as by the official exporter (YAML 1.1); YAML 1.2 reads 10: write 8 or 10",
  ]);
});

Deno.test("parseConfig() reports an unavailable official driver with its own client", async () => {
  const { tree } = await read("export:\n  x:\n    type: jumpstarter_driver_xcp.driver.Xcp\n");
  assert.equal(
    report(tree.root)[1]!.labels["jumpstarter.dev/client"],
    "jumpstarter_driver_xcp.client.XcpClient",
  );
});

Deno.test("parseConfig() reports why a custom driver is unavailable", async () => {
  const loader = { find: () => Promise.resolve(new DeviceError("relay.ts:3:1: expected ')'")) };
  assert.deepEqual(await messages("export:\n  x:\n    type: ./relay.ts#Relay\n", { loader }), [
    "f.yaml:3:11: warning: export.x.type: relay.ts:3:1: expected ')'; the exporter starts with this driver degraded",
  ]);
});

Deno.test("parseConfig() reports the issues of an asynchronous schema at their keys", async () => {
  const site = defineDriver({
    type: "site.Driver",
    client: "site.Client",
    config: z.unknown().superRefine(async (_, context) => {
      await Promise.resolve();
      context.addIssue({ code: "unrecognized_keys", keys: ["hallo"], input: {} });
      context.addIssue({ code: "custom", path: ["deep", 1], message: "nothing here fits" });
    }),
    open: () => ({}),
  });
  const loader = { find: () => Promise.resolve(site) };
  const text =
    "export:\n  x:\n    type: site.Driver\n    config:\n      hallo: 1\n      deep: [a, b]\n";
  assert.deepEqual(await messages(text, { loader }), [
    "f.yaml:5:7: error: export.x.config.hallo: expected a key of site.Driver, found 'hallo'; remove it",
    "f.yaml:6:17: error: export.x.config.deep[1]: nothing here fits",
  ]);
});

Deno.test("parseConfig() reports a schema that throws", async () => {
  const site = defineDriver({
    type: "site.Driver",
    client: "site.Client",
    config: z.unknown().refine(() => {
      throw new Error("oops");
    }),
    open: () => ({}),
  });
  const loader = { find: () => Promise.resolve(site) };
  assert.deepEqual(await messages("export:\n  x:\n    type: site.Driver\n", { loader }), [
    "f.yaml:2:3: error: export.x.config: the schema of site.Driver failed on this config: oops",
  ]);
});

Deno.test("parseConfig() never shows a token", async () => {
  const secret = "s3cr3t";
  for (
    const text of [
      `token: [${secret}]`,
      `token: ${secret} x`,
      `token: "${secret}`,
      `token: @${secret}`,
    ]
  ) {
    assert.ok(!(await messages(text)).join().includes(secret), text);
  }
  assert.ok(!(await messages("token: 1234567")).join().includes("1234567"));
});

Deno.test("parseConfig() refuses an alias that contains itself", async () => {
  assert.deepEqual(await messages("export:\n  a:\n    ref: a.x\n"), [
    "f.yaml:3:10: error: export.a.ref: expected the path of a driver, found 'a.x': the references form a circle: a → a.x",
  ]);
});

Deno.test("parseConfig() reports the same positions for Windows line ends", async () => {
  const text = "export:\n  power:\n  type: jumpstarter_driver_power.driver.MockPower\n";
  assert.deepEqual(await messages(text.replaceAll("\n", "\r\n")), await messages(text));
});

Deno.test("parseConfig() refuses aliases that expand exponentially", async () => {
  const levels = Array.from(
    { length: 30 },
    (_, i) => `a${i + 1}: &a${i + 1} {<<: [*a${i}, *a${i}]}`,
  );
  const [message] = await messages(["a0: &a0 {x: 1}", ...levels].join("\n"));
  assert.match(message!, /expected at most 100000 values/);
});
