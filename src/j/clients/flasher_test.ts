/** Flashers and storage muxes with an exporter of ours: order, files, mistakes, interruption. */
import assert from "node:assert/strict";
import { until } from "../../../tests/until.ts";
import {
  defineDriver,
  DeviceError,
  type Methods,
  resourceHandle,
  withArgs,
  z,
} from "../../driver/mod.ts";
import { withFolder } from "../../files/testing.ts";
import { serveEntries } from "../../session/testing.ts";
import { entryOf } from "../../tree/testing.ts";
import { runAlone, type RunOptions, serve } from "../testing.ts";

const OPENDAL = "jumpstarter_driver_opendal";

Deno.test("flash and dump move whole images, plain and compressed, for each target", async () => {
  await withFolder(async (folder) => {
    await using served = await serve({ flasher: { type: `${OPENDAL}.driver.MockFlasher` } });
    const { j } = served;
    const image = crypto.getRandomValues(new Uint8Array(50_000));
    await Deno.writeFile(`${folder}/a.img`, image);
    const gzip = new Blob([image]).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(`${folder}/a.img.gz`, gzip);
    const nothing = { code: 0, out: "", err: "" };
    assert.deepEqual(await j(["flasher", "flash", `${folder}/a.img`]), nothing);
    assert.deepEqual(await j(["flasher", "dump", `${folder}/b.img`]), nothing);
    assert.deepEqual(await Deno.readFile(`${folder}/b.img`), image);

    const targets = ["-t", `root:${folder}/a.img.gz`, "--target", `boot:${folder}/a.img.gz`];
    const flash = ["flasher", "flash", ...targets, "--compression", "GZIP"];
    assert.deepEqual(await j(flash), nothing);
    for (const target of ["root", "boot"]) {
      const dump = await j(["flasher", "dump", `${folder}/${target}`, "--target", target]);
      assert.deepEqual(dump, nothing);
      assert.deepEqual(await Deno.readFile(`${folder}/${target}`), image);
    }
    await j(["flasher", "dump", `${folder}/c.gz`, "--compression=gzip"]);
    const [magic] = new Uint16Array((await Deno.readFile(`${folder}/c.gz`)).slice(0, 2).buffer);
    assert.equal(magic, 0x8b1f);
  });
});

Deno.test("flash reads standard input for -, and dump writes standard output", async () => {
  await using served = await serve({ flasher: { type: `${OPENDAL}.driver.MockFlasher` } });
  const input = ReadableStream.from([new TextEncoder().encode("an image")]);
  assert.equal((await served.j(["flasher", "flash", "-"], { input })).code, 0);
  assert.deepEqual(await served.j(["flasher", "dump", "-"]), { code: 0, out: "an image", err: "" });
});

Deno.test("the exporter itself opens URLs that flash and dump name", async () => {
  const requests: string[] = [];
  let uploaded = "";
  const web = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    if (request.method !== "PUT") return new Response("an image");
    uploaded = await request.text();
    return new Response(null, { status: 201 });
  });
  await using _ = { [Symbol.asyncDispose]: () => web.shutdown() };
  await using served = await serve({ flasher: { type: `${OPENDAL}.driver.MockFlasher` } });
  const url = `http://127.0.0.1:${web.addr.port}`;
  const nothing = { code: 0, out: "", err: "" };
  assert.deepEqual(await served.j(["flasher", "flash", `${url}/image`]), nothing);
  assert.deepEqual(await served.j(["flasher", "dump", `${url}/dump`]), nothing);
  assert.deepEqual(requests, ["GET /image", "PUT /dump"]);
  assert.equal(uploaded, "an image");
});

Deno.test("flash and dump name mistakes in one line, before anything is switched", async () => {
  const { calls, run, dispose } = await withMux();
  await using _ = dispose;
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.img`, "x");
    const found = "No such file or directory";
    const mistakes: [string[], string][] = [
      [["flash"], "FILE is missing: name one, or use --target"],
      [["flash", "/nope.img"], `cannot read /nope.img: ${found}`],
      [["flash", folder], `cannot read ${folder}: Is a directory`],
      [["flash", "a", "b"], "expected one FILE, found more: b"],
      [["flash", "-t", "a"], "--target: expected TARGET:FILE, found 'a'"],
      [["flash", "-t", "a:b", "c"], "--target names the files already; remove c"],
      [["flash", "-t", `a:${folder}/a.img`], "a storage mux has no targets, found a"],
      [["dump", `${folder}/b`, "--target", "a"], "a storage mux has no targets, found a"],
      [["dump", "/proc/no/b"], `cannot write /proc/no/b: ${found}`],
      [
        ["flash", "https://host/a", "--compression", "xz"],
        "--compression has no effect on https://host/a: the exporter sees how it is compressed",
      ],
      [["write-local-file", "http://host/a"], "expected a local file, found a URL: http://host/a"],
      [["read-local-file", "http://host/a"], "expected a local file, found a URL: http://host/a"],
    ];
    for (const [args, message] of mistakes) {
      assert.deepEqual(await run(["sd", ...args]), {
        code: 1,
        out: "",
        err: `Error: ${message}\n`,
      });
    }
    assert.deepEqual(calls, []);
  });
});

/** A storage mux that notes its calls. Reading it has no end; both directions can fail. */
async function withMux(write: "works" | "fails" = "works") {
  const calls: string[] = [];
  const noting = (name: string) => () => void calls.push(name);
  const driver: Methods = {
    calls: {
      host: noting("host"),
      dut: noting("dut"),
      off: noting("off"),
      write: withArgs([resourceHandle], async ([handle], { resources }) => {
        calls.push("write");
        try {
          for await (const _ of await resources.read(handle)) {
            if (write === "fails") throw new DeviceError("the card is worn out");
          }
        } finally {
          calls.push("done");
        }
      }),
      read: withArgs([resourceHandle], async ([handle], { resources, signal }) => {
        calls.push("read");
        try {
          await resources.write(handle, write === "works" ? endless(signal) : worn());
        } finally {
          calls.push("done");
        }
      }),
    },
  };
  const manifest = defineDriver({
    type: "test.mux",
    client: `${OPENDAL}.client.StorageMuxFlasherClient`,
    config: z.any(),
    open: () => driver,
  });
  const served = await serveEntries([entryOf("sd", manifest)]);
  const env = { JUMPSTARTER_HOST: served.address.kind === "unix" ? served.address.path : "" };
  const run = (args: string[], options?: RunOptions) => runAlone(args, { env, ...options });
  return { calls, run, dispose: served };
}

async function* worn() {
  yield new Uint8Array(1_000_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  throw new DeviceError("the card cannot be read");
}

async function* endless(signal: AbortSignal) {
  while (!signal.aborted) {
    yield new Uint8Array(1_000_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

Deno.test("a storage mux is at the host only while it is written, also when that fails", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.img`, "x");
    for (const write of ["works", "fails"] as const) {
      const { calls, run, dispose } = await withMux(write);
      await using _ = dispose;
      const ran = await run(["sd", "flash", `${folder}/a.img`]);
      assert.deepEqual(calls, ["host", "write", "done", "dut"]);
      const err = write === "works" ? "" : "Error: the card is worn out\n";
      assert.deepEqual(ran, { code: write === "works" ? 0 : 1, out: "", err });
    }
  });
});

Deno.test("a dump that fails names its file as incomplete, and leaves others alone", async () => {
  await withFolder(async (folder) => {
    const { calls, run, dispose } = await withMux("fails");
    await using _ = dispose;
    const ran = await run(["sd", "dump", `${folder}/a.img`]);
    const err = `${folder}/a.img is incomplete\nError: the card cannot be read\n`;
    assert.deepEqual(ran, { code: 1, out: "", err });
    assert.deepEqual(calls, ["host", "read", "done", "dut"]);
  });
});

Deno.test("Ctrl-C ends a transfer on both sides, then gives the storage to the device", async () => {
  await withFolder(async (folder) => {
    for (const [command, call] of [["flash", "write"], ["dump", "read"]] as const) {
      const { calls, run, dispose } = await withMux();
      await using _ = dispose;
      const interrupt = new AbortController();
      const file = command === "flash" ? "-" : `${folder}/a.img`;
      const running = run(["sd", command, file], { input: stuck(), interrupt: interrupt.signal });
      await until(async () => {
        return calls.includes(call) && (command === "flash" || (await Deno.stat(file)).size > 0);
      });
      interrupt.abort();
      const err = command === "flash" ? "" : `${file} is incomplete\n`;
      assert.deepEqual(await running, { code: 130, out: "", err });
      assert.deepEqual(calls, ["host", call, "done", "dut"]);
    }
  });
});

/** An input that is stuck after its first chunk. */
async function* stuck() {
  yield new Uint8Array(1_000);
  await new Promise(() => {});
}

Deno.test("a storage mux switches, and reads and writes local files where it is", async () => {
  await withFolder(async (folder) => {
    await using served = await serve({ mux: { type: `${OPENDAL}.driver.MockStorageMux` } });
    await Deno.writeTextFile(`${folder}/a.img`, "an image");
    const commands = [
      ["host"],
      ["write-local-file", `${folder}/a.img`],
      ["read-local-file", `${folder}/b.img`],
      ["dut"],
      ["off"],
    ];
    for (const command of commands) {
      assert.deepEqual(await served.j(["mux", ...command]), { code: 0, out: "", err: "" });
    }
    assert.equal(await Deno.readTextFile(`${folder}/b.img`), "an image");
  });
});
