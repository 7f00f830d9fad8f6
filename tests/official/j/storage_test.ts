/** Storages and flashers by `j` and by the official one, with the same exporter of ours. */
import assert from "node:assert/strict";
import { serve } from "../../../src/j/testing.ts";
import { openClient } from "../client.ts";

const OPENDAL = "jumpstarter_driver_opendal.driver";

/** Lines of a progress, which the official client prints to standard output. */
const PROGRESS = /^transfer .*\n/gm;

/** Commands with the same exit code and standard output, but for help. FILE is an image. */
const SAME = [
  "flasher flash FILE",
  "flasher flash -t a:FILE --target b:FILE",
  "flasher dump DUMP --target b",
  "flasher dump folder/DUMP",
  "flasher dump",
  "flasher dump DUMP extra",
  "flasher flash",
  "flasher flash -t a",
  "flasher flash /nope",
  "flasher flash FILE --compression zip",
  "flasher flash FILE --compression GZIP",
  "mux host",
  "mux off extra",
  "sd flash FILE",
  "sd dump DUMP",
  "sd dump DUMP --target a",
  "sd flash -t a:FILE",
  "sd dut",
  "sd nope",
];

/** A folder, an exporter, and the official client. */
async function openLab() {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "jmp-same-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  await Deno.mkdir(`${folder}/root`);
  await Deno.writeFile(`${folder}/FILE`, crypto.getRandomValues(new Uint8Array(60_000)));
  const client = await openClient(folder);
  const served = stack.use(
    await serve({
      flasher: { type: `${OPENDAL}.MockFlasher` },
      mux: { type: `${OPENDAL}.MockStorageMux` },
      sd: { type: `${OPENDAL}.MockStorageMuxFlasher` },
      storage: {
        type: `${OPENDAL}.Opendal`,
        config: { scheme: "fs", kwargs: { root: `${folder}/root` } },
      },
    }),
  );
  const env = {
    JUMPSTARTER_HOST: served.socket,
    JMP_DRIVERS_ALLOW: "UNSAFE",
    TERM: "dumb",
    _JMP_SUPPRESS_DRIVER_WARNINGS: "1",
  };
  return { folder, client, served, env, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

Deno.test("flashers and storage muxes do and print the same", async () => {
  await using lab = await openLab();
  const { folder, client, served, env } = lab;
  const dumps = [`${folder}/DUMP`, `${folder}/folder/DUMP`];
  /** The files that commands of both programs have made, which are removed. */
  const takeDumps = () =>
    Promise.all(dumps.map(async (path) => {
      const content = await Deno.readFile(path).catch(() => undefined);
      if (content) await Deno.remove(path);
      return content;
    }));
  for (const command of SAME) {
    const args = command.replace(/(folder\/)?(FILE|DUMP)/g, `${folder}/$&`).split(" ");
    const theirs = await client.run(["j", ...args], { env });
    const theirDumps = await takeDumps();
    const ours = await served.j(args);
    assert.deepEqual(
      { code: ours.code, out: ours.out },
      { code: theirs.code, out: theirs.stdout.replace(PROGRESS, "") },
      `${command}\n${theirs.stderr}\n${ours.err}`,
    );
    assert.deepEqual(await takeDumps(), theirDumps, command);
  }
});

Deno.test("storages print what the official client's values look like", async () => {
  await using lab = await openLab();
  const { client, served, env } = lab;
  const shown = await client.show<Record<string, string>>("show_storage", env);
  for (const [command, text] of Object.entries(shown)) {
    const { code, out } = await served.j(["storage", ...command.split(" ")]);
    const end = command.startsWith("read-bytes") ? "" : "\n";
    assert.deepEqual({ code, out }, { code: 0, out: text + end }, command);
  }
});
