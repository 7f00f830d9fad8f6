/** A subtree that another process serves: nobody upstairs knows. */
import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { manifests } from "../drivers/mod.ts";
import { connectSession } from "../src/client/connect.ts";
import type { SessionClient } from "../src/client/session_client.ts";
import { parseConfig } from "../src/config/parse.ts";
import { createRegistry } from "../src/driver/manifest.ts";
import { StandaloneExporter } from "../src/exporter/standalone.ts";
import { Log } from "../src/log/log.ts";
import { Code } from "../src/wire/error.ts";
import { subtree } from "./subtree.ts";
import { until } from "./until.ts";

const root = new URL("../", import.meta.url).pathname;

const OTHER = `
metadata: {namespace: lab, name: other}
export:
  board:
    children:
      power: {type: jumpstarter_driver_power.driver.MockPower}
      console: {type: jumpstarter_driver_network.driver.EchoNetwork}
  flasher: {type: jumpstarter_driver_opendal.driver.MockFlasher}
`;

const OURS = (socket: string) => `
metadata: {namespace: lab, name: ours}
export:
  here: {type: jumpstarter_driver_power.driver.MockPower}
  there:
    type: test.Subtree
    config: {socket: ${socket}}
  alias: {ref: there.board.power}
`;

interface House extends AsyncDisposable {
  readonly client: SessionClient;
  readonly names: readonly (string | undefined)[];
  readonly other: Deno.ChildProcess;
  /** The uuid of the driver whose row is the first with this name. */
  uuid(name: string): string;
}

async function isSocket(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined))?.isSocket === true;
}

/** Starts the other process, our exporter with its subtree, and a client. */
async function house(): Promise<House> {
  const stack = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-subtree-" });
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(`${dir}/other.yaml`, OTHER);
  const socket = `${dir}/other`;
  const args = ["--exporter-config", `${dir}/other.yaml`, "--listen", `unix:${socket}`];
  const other = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", `${root}main.ts`, "run", ...args],
    stdout: "null",
    stderr: "null",
  }).spawn();
  let killed = false;
  other.status.then(() => killed = true);
  stack.defer(async () => {
    if (!killed) other.kill("SIGKILL");
    await other.status;
  });
  await until(() => isSocket(socket));
  const { config, diagnostics } = await parseConfig(OURS(socket), "ours.yaml", {
    registry: createRegistry([...manifests, subtree]),
    loader: { find: () => Promise.resolve(undefined) },
    env: {},
  });
  assert.ok(config, JSON.stringify(diagnostics));
  const exporter = stack.use(new StandaloneExporter({ config, log: new Log([]) }));
  await exporter.listenUnix(`${dir}/ours`);
  const client = stack.use(await connectSession({ kind: "unix", path: `${dir}/ours` }));
  const { reports } = await client.report();
  const nameOf = ({ labels }: typeof reports[number]) => labels["jumpstarter.dev/name"];
  return {
    client,
    names: reports.map(nameOf),
    other,
    uuid: (name) => reports.find((row) => nameOf(row) === name)!.uuid,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("the drivers of another process are in the report, and answer calls, streams and bytes", async () => {
  await using lab = await house();
  const { client, uuid } = lab;
  assert.deepEqual(lab.names, [
    undefined,
    ...["here", "there", "board", "power", "console", "flasher", "alias"],
  ]);
  assert.equal(uuid("alias"), uuid("power"));
  assert.equal(await client.call(uuid("power"), "on"), null);
  assert.deepEqual(await Array.fromAsync(client.stream(uuid("power"), "read")), [
    { voltage: 0, current: 0 },
    { voltage: 5, current: 2 },
  ]);
  const console = await client.bytes(uuid("console"), "connect");
  console.end("through two sessions");
  assert.equal(String(await buffer(console)), "through two sessions");
  await assert.rejects(client.call(uuid("power"), "toggle"), {
    code: Code.NOT_FOUND,
    message: /method toggle not found on driver: 'board.power'/,
  });
});

Deno.test("handles pass through to the drivers of another process", async () => {
  await using lab = await house();
  const { client, uuid } = lab;
  const image = crypto.getRandomValues(new Uint8Array(65_536));
  using up = await client.offer(uuid("flasher"));
  await Promise.all([
    up.send(Array.from({ length: 64 }, () => image)),
    client.call(uuid("flasher"), "flash", [{ ...up.handle }, null]),
  ]);
  using down = await client.offer(uuid("flasher"));
  const dumped = buffer(down.receive());
  await client.call(uuid("flasher"), "dump", [{ ...down.handle }, null]);
  const flashed = Buffer.concat(Array.from({ length: 64 }, () => image));
  assert.ok((await dumped).equals(flashed));
});

Deno.test("the end of another process fails the calls of its drivers alone", async () => {
  await using lab = await house();
  const { client, uuid } = lab;
  const console = await client.bytes(uuid("console"), "connect");
  console.on("error", () => {});
  lab.other.kill("SIGKILL");
  await lab.other.status;
  await until(() => console.destroyed);
  await assert.rejects(client.call(uuid("power"), "on"), { code: Code.UNAVAILABLE });
  assert.equal(await client.call(uuid("here"), "on"), null);
});
