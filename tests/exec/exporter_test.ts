/** Programs as drivers of an exporter: what its clients see. */
import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import { connectSession } from "../../src/client/connect.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { createRegistry } from "../../src/driver/manifest.ts";
import { StandaloneExporter } from "../../src/exporter/standalone.ts";
import { ExecProcess } from "../../src/foreign/exec/exec_process.ts";
import { ForeignHosts } from "../../src/foreign/foreign_hosts.ts";
import { readProgram } from "../../src/foreign/exec/mod.ts";
import { Log, type LogRecord } from "../../src/log/log.ts";
import { listProcesses } from "../../src/subprocess/processes.ts";
import type { StartOptions } from "../../src/tree/driver_process.ts";
import { driverUuid } from "../../src/tree/uuid.ts";
import { Code } from "../../src/wire/error.ts";
import { until } from "../until.ts";
import { misbehaving } from "./lab.ts";

const identity = { namespace: "lab", name: "exec" };
const NAME = "jumpstarter.dev/name";

/** An exporter with these entries, which are YAML, and a client. */
async function exporter(entries: string) {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-exec-test-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  const records: LogRecord[] = [];
  const log = new Log([(record) => void records.push(record)]);
  const hosts = stack.use(new ForeignHosts({ env: { HOME: dir, PATH: "/nowhere" }, log }));
  const text = `metadata: {namespace: lab, name: exec}\nexport:\n${entries}`;
  const { config, diagnostics } = await parseConfig(text, `${dir}/exporter.yaml`, {
    registry: createRegistry(manifests),
    loader: { find: () => Promise.resolve(undefined) },
    hosts,
    env: {},
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const served = stack.use(new StandaloneExporter({ config, log }));
  await served.listenUnix(`${dir}/socket`);
  const client = stack.use(await connectSession({ kind: "unix", path: `${dir}/socket` }));
  const { reports } = await client.report();
  return {
    client,
    records,
    diagnostics: diagnostics.map(({ message }) => message),
    rows: reports.map(({ uuid, labels }) => `${labels[NAME] ?? ""} ${uuid}`),
    call: (path: string, method: string, ...args: unknown[]) =>
      client.call(driverUuid(identity, path), method, args),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const command = (behaviour: string) => JSON.stringify(misbehaving(behaviour));

async function children(): Promise<number[]> {
  const processes = await listProcesses();
  return processes.filter(({ parent }) => parent === Deno.pid).map(({ pid }) => pid);
}

Deno.test("programs are drivers among others, and references lead to what they make", async () => {
  {
    await using lab = await exporter(`
  board:
    children:
      relay: {type: exec, command: ${command("serve")}, description: of the config}
  alias: {ref: board.relay.switch}
  hosted: {type: vendor.Relay, runtime: rust, host: {bin: ${misbehaving("serve")[0]}, args: ${
      JSON.stringify(misbehaving("serve").slice(1))
    }}}
  mock: {type: jumpstarter_driver_power.driver.MockPower}
`);
    const { call, rows, records } = lab;
    const row = (path: string, name = path.split(".").at(-1)) =>
      `${name} ${driverUuid(identity, path)}`;
    assert.deepEqual(
      rows.slice(1).sort(),
      [
        row("board"),
        row("board.relay"),
        row("board.relay.switch"),
        row("board.relay.switch", "alias"),
        row("hosted"),
        row("hosted.switch"),
        row("mock"),
      ].sort(),
    );
    assert.deepEqual(await call("board.relay.switch", "on", 3), ["switch", 3]);
    assert.deepEqual(await call("hosted", "on"), ["entry"]);
    assert.equal(await call("mock", "on"), null);
    const wornAt = (path: string) =>
      records.some(({ logger, message }) => logger === path && message === "the contact is worn");
    await until(() => wornAt("board.relay.switch") && wornAt("hosted.switch"));
  }
  assert.deepEqual(await children(), []);
});

Deno.test("a program that cannot be used degrades its entry alone", async () => {
  await using lab = await exporter(`
  absent: {type: exec, command: no-such-relay}
  nothing: {type: exec}
  odd: {type: vendor.Relay, runtime: cobol}
  ends: {type: exec, command: ${command("exit")}}
  mock: {type: jumpstarter_driver_power.driver.MockPower}
`);
  const { call } = lab;
  assert.equal(await call("mock", "on"), null);
  await assert.rejects(call("absent", "on"), { message: /program 'no-such-relay' in a folder of/ });
  await assert.rejects(call("nothing", "on"), { message: /'command': expected the program/ });
  await assert.rejects(call("odd", "on"), { message: /'runtime': expected .* found .*"cobol"/ });
  await assert.rejects(call("ends", "on"), {
    message: /exit code 3 .*cannot open \/dev\/relay/,
  });
});

Deno.test("a program that ends in a lease is started again by the next call", async () => {
  await using lab = await exporter(`
  relay: {type: exec, command: ${command("serve")}}
`);
  const { call, records } = lab;
  const hanging = assert.rejects(call("relay", "hang"), { code: Code.UNAVAILABLE });
  await assert.rejects(call("relay", "exit"), {
    code: Code.UNAVAILABLE,
    message: /ended with exit code 7; its last lines: .*the relay caught fire/,
  });
  await hanging;
  assert.deepEqual(await call("relay.switch", "on"), ["switch"]);
  assert.ok(records.some(({ message }) => /^Starts the program .* again/.test(message)));
});

Deno.test("a program is started anew for each lease, unless it is kept", async () => {
  const silent = () => {};
  const log = () => ({ debug: silent, info: silent, warning: silent, error: silent });
  const lease = (): StartOptions => ({
    identity,
    paths: ["relay"],
    log,
    signal: new AbortController().signal,
    openTimeoutMs: 10_000,
    closeTimeoutMs: 1_000,
    exporterSocket: () => Promise.reject(new Error("no program calls the exporter")),
    onRunning: silent,
  });
  for (const keep of [false, true]) {
    const program = readProgram({ type: "exec", command: misbehaving("serve"), keep })!;
    const process = new ExecProcess({ program, entryName: "relay", path: "relay", folder: "/" });
    const pids = new Set<number>();
    for (let round = 0; round < 3; round++) {
      await using drivers = process.start(lease());
      pids.add((await drivers.report as unknown as { pid: number }).pid);
    }
    assert.equal(pids.size, keep ? 1 : 3);
    await process.dispose(1_000);
    assert.deepEqual(await children(), []);
  }
});
