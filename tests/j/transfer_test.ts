/** Transfers by `j` as a process: on a terminal, in all encodings, interrupted, and left alone. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { codecFor } from "../../src/codec/encoding.ts";
import { defineDriver, type Methods, resourceHandle, withArgs, z } from "../../src/driver/mod.ts";
import { withFolder } from "../../src/files/testing.ts";
import { serve } from "../../src/j/testing.ts";
import { serveEntries } from "../../src/session/testing.ts";
import { entryOf } from "../../src/tree/testing.ts";
import { jmp } from "../official/exporter.ts";
import { ChildProcess } from "../official/process.ts";
import { Terminal } from "../terminal.ts";
import { until } from "../until.ts";

const MEGABYTE = 1_000_000;

/** Erases the line of a progress. */
const ERASE = "\r\x1b[K";

/** Starts `j`; its standard error is `terminal`, if there is one. */
function startJ(socket: string, args: readonly string[], terminal?: string): ChildProcess {
  const argv = jmp("j", ...args);
  const env = { JUMPSTARTER_HOST: socket, TERM: "xterm" };
  if (terminal === undefined) return new ChildProcess(argv, { env });
  return new ChildProcess(["sh", "-c", `exec "$@" 2>${terminal}`, "sh", ...argv], { env });
}

async function runJ(socket: string, ...args: string[]) {
  await using child = startJ(socket, args);
  return await child.finished();
}

/** A storage mux that takes and gives a megabyte in 20 ms, and notes its calls. */
async function slowMux() {
  const calls: string[] = [];
  const driver: Methods = {
    calls: {
      host: () => void calls.push("host"),
      dut: () => void calls.push("dut"),
      write: withArgs([resourceHandle], async ([handle], { resources }) => {
        try {
          let taken = 0;
          for await (const chunk of await resources.read(handle)) {
            taken += chunk.length;
            for (; taken > MEGABYTE; taken -= MEGABYTE) await pause();
          }
          calls.push("write");
        } catch (error) {
          calls.push((error as Error).name);
          throw error;
        }
      }),
      read: withArgs([resourceHandle], async ([handle], { resources }) => {
        await resources.write(handle, slowly(500));
      }),
    },
  };
  const manifest = defineDriver({
    type: "test.mux",
    client: "jumpstarter_driver_opendal.client.StorageMuxFlasherClient",
    config: z.any(),
    open: () => driver,
  });
  const served = await serveEntries([entryOf("sd", manifest)]);
  const socket = served.address.kind === "unix" ? served.address.path : "";
  return { calls, socket, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

async function* slowly(megabytes: number) {
  for (let index = 0; index < megabytes; index++) {
    yield new Uint8Array(MEGABYTE);
    await pause();
  }
}

Deno.test("a terminal shows a bar that fits it, also when it becomes narrower, then a summary", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/card.img`, new Uint8Array(80 * MEGABYTE));
    await using mux = await slowMux();
    using terminal = new Terminal();
    await using j = startJ(mux.socket, ["sd", "flash", `${folder}/card.img`], terminal.path);
    await until(() => /\[#+\.+\]/.test(terminal.shown));
    const wide = terminal.shown.length;
    const narrow = { args: ["-F", terminal.path, "cols", "40"] };
    assert.ok((await new Deno.Command("stty", narrow).output()).success);
    assert.equal((await j.finished()).code, 0);
    const lines = terminal.shown.slice(0, wide).split(ERASE);
    assert.match(lines.findLast((line) => line.includes("[#"))!, /^card\.img +\d+% {2}\[#+\.+\]/);
    assert.ok(lines.every((line) => line.length < 80), terminal.shown);
    const [summary, ...later] = terminal.shown.slice(wide).split(ERASE).slice(2).toReversed();
    assert.match(summary!, /^card\.img: 80\.0 MB in 0:0\d, \d+\.\d MB\/s\r\n$/);
    assert.ok(later.length > 2 && later.every((line) => line.length < 40), terminal.shown);
    // It is never hidden.
    assert.ok(!terminal.shown.includes("\x1b[?25l"));
  });
});

Deno.test("Ctrl-C on a terminal removes the bar, and gives the storage back", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/card.img`, new Uint8Array(300 * MEGABYTE));
    for (const command of ["flash", "dump"]) {
      await using mux = await slowMux();
      using terminal = new Terminal();
      const file = `${folder}/${command === "flash" ? "card.img" : "dump.img"}`;
      await using j = startJ(mux.socket, ["sd", command, file], terminal.path);
      await until(() => /MB\/s/.test(terminal.shown));
      j.kill("SIGINT");
      assert.equal((await j.finished()).code, 130);
      // The empty line stands where terminals show ^C.
      const rest = `${command === "flash" ? "" : `${file} is incomplete\r\n`}\r\n`;
      assert.ok(terminal.shown.endsWith(ERASE + rest), JSON.stringify(terminal.shown.slice(-200)));
      const broken = command === "flash" ? ["ConnectionFailed"] : [];
      assert.deepEqual(mux.calls, ["host", ...broken, "dut"]);
    }
  });
});

Deno.test("elsewhere a progress is a line now and then, and none with --json", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/card.img`, new Uint8Array(60 * MEGABYTE));
    await using mux = await slowMux();
    const flash = ["sd", "flash", `${folder}/card.img`];
    const { code, stdout, stderr } = await runJ(mux.socket, ...flash);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
    assert.match(stderr, /^card\.img: 60\.0 MB in 0:0\d, \d+\.\d MB\/s\n$/);
    assert.equal((await runJ(mux.socket, "--json", ...flash)).stderr, "");
  });
});

Deno.test("j ends when its exporter is killed in the middle, and says so in one line", async () => {
  await withFolder(async (folder) => {
    const config = {
      apiVersion: "jumpstarter.dev/v1alpha1",
      kind: "ExporterConfig",
      metadata: { namespace: "lab", name: "bench" },
      export: { flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" } },
    };
    await Deno.writeTextFile(`${folder}/config.yaml`, JSON.stringify(config));
    const socket = `${folder}/socket`;
    const run = ["run", "--exporter-config", `${folder}/config.yaml`, "--listen", `unix:${socket}`];
    for (const command of ["flash", "dump"]) {
      await using exporter = new ChildProcess(jmp(...run), { env: { TMPDIR: folder } });
      await exporter.saying(/Serving/);
      await Deno.writeFile(`${folder}/image`, new Uint8Array());
      // A sparse file, longer than the test lasts.
      await Deno.truncate(`${folder}/image`, 100_000 * MEGABYTE);
      if (command === "dump") {
        await Deno.truncate(`${folder}/image`, 1000 * MEGABYTE);
        assert.equal((await runJ(socket, "flasher", "flash", `${folder}/image`)).code, 0);
      }
      const file = `${folder}/${command === "flash" ? "image" : "dump"}`;
      await using j = startJ(socket, ["flasher", command, file]);
      await until(() => command === "flash" ? isBeingFlashed(folder) : hasBytes(file));
      exporter.kill("SIGKILL");
      const { code, stderr } = await j.finished(20_000);
      assert.equal(code, 1, stderr);
      const partial = command === "flash" ? "" : `${file} is incomplete\n`;
      assert.equal(stderr, `${partial}Error: the connection to the exporter was lost\n`);
    }
  });
});

/** Whether a flasher whose temporary folder is in `folder` has part of an image. */
async function isBeingFlashed(folder: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    if (await hasBytes(`${folder}/${name}/default`)) return true;
  }
  return false;
}

async function hasBytes(path: string): Promise<boolean> {
  const found = await Deno.stat(path).catch(() => undefined);
  return found !== undefined && found.size > 0;
}

for (const encoding of ["gzip", "xz", "bz2", "zstd"]) {
  Deno.test(`64 MiB pass through ${encoding} unchanged`, async () => {
    await withFolder(async (folder) => {
      await using served = await serve({
        flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" },
      });
      const { encode, decode } = codecFor(encoding);
      await Deno.writeFile(`${folder}/image`, ReadableStream.from(encode(image())));
      const compression = ["--compression", encoding];
      const flash = ["flasher", "flash", `${folder}/image`, ...compression];
      assert.equal((await runJ(served.socket, ...flash)).code, 0);
      assert.equal((await runJ(served.socket, "flasher", "dump", `${folder}/plain`)).code, 0);
      const dump = ["flasher", "dump", `${folder}/dump`, ...compression];
      assert.equal((await runJ(served.socket, ...dump)).code, 0);
      const expected = await hashOf(image());
      assert.equal(await hashOf(await readable(`${folder}/plain`)), expected);
      assert.equal(await hashOf(decode(await readable(`${folder}/dump`))), expected);
    });
  });
}

/** 64 MiB of which little repeats nearby, as in a disk image with empty space. */
async function* image() {
  for (let block = 0; block < 64; block++) {
    const chunk = new Uint8Array(1 << 20);
    for (let at = 0; at < 60_000; at++) chunk[at] = (at * block * 2654435761) >>> 13;
    yield await Promise.resolve(chunk);
  }
}

async function readable(path: string): Promise<ReadableStream<Uint8Array>> {
  return (await Deno.open(path)).readable;
}

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex");
}
