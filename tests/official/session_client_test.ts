/** Our session client with the official exporter 0.9.0, on every way to it. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { connectSession } from "../../src/client/connect.ts";
import type { SessionClient } from "../../src/client/session_client.ts";
import { Code } from "../../src/wire/error.ts";
import { ExporterStatus } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { certificates } from "../controller/tls.ts";
import { uuidOf } from "../hook_lab.ts";
import { until } from "../until.ts";
import { officialClient } from "./environment.ts";
import { ChildProcess } from "./process.ts";
import { freePort } from "./storage.ts";
import { standaloneConfig } from "./transports.ts";

const serveUnix = new URL("../bench/programs/serve.py", import.meta.url).pathname;
const PASSPHRASE = "open sesame";
/** A hang guard: Python takes seconds to start. */
const START_MS = 60_000;

const tree = (dir: string) => ({
  power: { type: "jumpstarter_driver_power.driver.MockPower" },
  echo: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
  storage: {
    type: "jumpstarter_driver_opendal.driver.Opendal",
    config: { scheme: "fs", kwargs: { root: `${dir}/storage` } },
  },
});

/** A folder, and a way to start official programs that end with it. */
interface Bench {
  readonly dir: string;
  readonly scope: AsyncDisposableStack;
  write(name: string, text: string): Promise<string>;
  start(program: string, ...args: string[]): ChildProcess;
}

/** Starts the official exporter and connects to it. */
type Way = (bench: Bench) => Promise<SessionClient>;

/** Tries again until the exporter listens. */
async function patiently(connect: () => Promise<SessionClient>): Promise<SessionClient> {
  let client: SessionClient | undefined;
  let last: unknown;
  try {
    await until(async () => {
      client = await connect().catch((error) => void (last = error));
      return client !== undefined;
    }, START_MS);
    return client!;
  } catch {
    throw last;
  }
}

/** Starts direct mode. @returns the endpoint */
async function direct({ dir, write, start }: Bench, ...options: string[]): Promise<string> {
  const config = await write("exporter.yaml", standaloneConfig(tree(dir)));
  const endpoint = `127.0.0.1:${freePort()}`;
  start("jmp", "run", "--exporter-config", config, "--tls-grpc-listener", endpoint, ...options);
  return endpoint;
}

const WAYS: Readonly<Record<string, Way>> = {
  async "a Unix socket"({ dir, write, start }) {
    const config = await write("exporter.yaml", standaloneConfig(tree(dir)));
    const path = `${dir}/socket`;
    start("python", serveUnix, config, path);
    return await patiently(() => connectSession({ kind: "unix", path }));
  },

  async "TCP in direct mode"(bench) {
    const endpoint = await direct(bench, "--tls-grpc-insecure");
    return await patiently(() => connectSession({ kind: "tcp", endpoint }));
  },

  async "TLS with a passphrase"(bench) {
    const { caPem: ca, server } = await certificates();
    const endpoint = await direct(
      bench,
      ...["--tls-cert", await bench.write("cert.pem", server.certPem)],
      ...["--tls-key", await bench.write("key.pem", server.keyPem)],
      ...["--passphrase", PASSPHRASE],
    );
    const address = { kind: "tls", endpoint, tls: { ca, insecure: false } } as const;
    const client = await patiently(() => connectSession(address, { passphrase: PASSPHRASE }));
    await using stranger = await connectSession(address, { passphrase: "guessed" });
    await assert.rejects(stranger.report(), { code: Code.UNAUTHENTICATED });
    return client;
  },

  async "a tunnel"({ dir, scope, write, start }) {
    const controller = scope.use(await TestController.start());
    controller.addExporter({ name: "board" });
    controller.addClient({ name: "tester" });
    const config = controller.exporterConfigYaml("board", tree(dir));
    start("jmp", "run", "--exporter-config", await write("exporter.yaml", config));
    await controller.next("Status", undefined, START_MS);
    const lease = controller.lease("board", "tester");
    const ready = ExporterStatus.EXPORTER_STATUS_LEASE_READY;
    await controller.next("ReportStatus", ({ status }) => status === ready, START_MS);
    return await controller.sessionClient(lease);
  },
};

/** A bench whose official processes end with it. */
async function openBench(): Promise<Bench & AsyncDisposable> {
  const { bin } = await officialClient();
  const scope = new AsyncDisposableStack();
  const dir = await Deno.makeTempDir({ prefix: "jmp-official-" });
  scope.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.mkdir(`${dir}/storage`);
  const env = { PATH: `${bin}:${Deno.env.get("PATH")}`, JMP_CLIENT_CONFIG_HOME: dir };
  return {
    dir,
    scope,
    async write(name, text) {
      await Deno.writeTextFile(`${dir}/${name}`, text, { mode: 0o600 });
      return `${dir}/${name}`;
    },
    start(program, ...args) {
      const child = new ChildProcess([`${bin}/${program}`, ...args], { env });
      // Its supervisor ends the exporter, which is a process in a group of its own.
      scope.defer(async () => {
        child.kill("SIGTERM");
        await child.finished(30_000);
      });
      return child;
    },
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** Uploads `image` into a file of the storage, and downloads it. */
async function passImage(client: SessionClient, image: Uint8Array): Promise<Uint8Array> {
  const storage = await uuidOf(client, "storage");
  using upload = await client.offer(storage);
  const written = await client.call(storage, "open", ["image", "wb"]);
  const [sent] = await Promise.all([
    upload.send([image.subarray(0, 100_000), image.subarray(100_000)]),
    client.call(storage, "file_write", [written, upload.handle]),
  ]);
  assert.equal(sent, true);
  await client.call(storage, "file_close", [written]);
  using download = await client.offer(storage);
  const read = await client.call(storage, "open", ["image", "rb"]);
  const [chunks] = await Promise.all([
    Array.fromAsync(download.receive()),
    client.call(storage, "file_read", [read, download.handle]),
  ]);
  await client.call(storage, "file_close", [read]);
  return Buffer.concat(chunks);
}

for (const [name, connect] of Object.entries(WAYS)) {
  Deno.test(`our client uses the official exporter over ${name}`, async () => {
    await using bench = await openBench();
    await using client = await connect(bench);
    assert.equal((await client.report()).reports.length, 4);
    const { status } = await client.status();
    assert.equal(status, ExporterStatus.EXPORTER_STATUS_LEASE_READY);

    const power = await uuidOf(client, "power");
    assert.equal(await client.call(power, "on"), null);
    const readings = await Array.fromAsync(client.stream(power, "read"));
    assert.deepEqual(readings[0], { voltage: 0, current: 0 });
    await assert.rejects(client.call(power, "nope"), { code: Code.NOT_FOUND });

    const image = crypto.getRandomValues(new Uint8Array(60_000));
    const long = Buffer.concat(Array(30).fill(image));
    const echo = await client.bytes(await uuidOf(client, "echo"), "connect");
    echo.end(long);
    assert.ok((await buffer(echo)).equals(long));
    assert.ok(long.equals(await passImage(client, long)));

    await assert.rejects(Array.fromAsync(client.logs({ timeoutMs: 500 })), {
      code: Code.DEADLINE_EXCEEDED,
    });
    assert.equal(typeof (await client.endSession()).success, "boolean");
  });
}
