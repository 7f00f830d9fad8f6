import assert from "node:assert/strict";
import { MemoryBackend } from "./memory.ts";
import { opendal } from "./manifest.ts";
import { Storage } from "./storage.ts";
import { open } from "./testing.ts";

const LIMIT = 100_000;
const FULL = /Unexpected .* may use at most 100000 bytes of the exporter's memory; delete/;

/** A small storage, and functions that fill it. */
function small() {
  const storage = new Storage(new MemoryBackend(LIMIT));
  const write = async (path: string, size: number) => {
    const writer = await storage.write(path);
    await writer.write(new Uint8Array(size));
    return writer;
  };
  return {
    storage,
    write,
    put: async (path: string, size: number) => (await write(path, size)).close(),
  };
}

Deno.test("memory: a storage uses a bounded amount of the exporter's memory", async () => {
  const { storage, put } = small();
  await put("a", 60_000);
  await assert.rejects(put("b", 60_000), FULL);
  await storage.delete("a");
  await put("b", 60_000);
  await put("b", 30_000);
  await put("c", 60_000);
});

Deno.test("memory: a file that is being written counts until it is abandoned", async () => {
  const { write, put } = small();
  const writer = await write("a", 60_000);
  await assert.rejects(put("b", 60_000), FULL);
  await writer.abandon!();
  await put("c", 30_000);
});

Deno.test("memory: a file that is being read counts, although it was deleted", async () => {
  const { storage, put } = small();
  await put("a", 60_000);
  const reader = await storage.read("a");
  await storage.removeAll("");
  await assert.rejects(put("b", 60_000), FULL);
  await reader.close();
  await put("b", 60_000);
});

Deno.test("memory: many empty files and directories count, too", async () => {
  const { storage, put } = small();
  await assert.rejects(async () => {
    for (let at = 0; at < 300; at++) {
      await put(`f${at}`, 0);
      await storage.createDirectory(`d${at}/`);
    }
  }, FULL);
});

Deno.test("a bounded number of created paths is remembered", async () => {
  await using storage = await open(opendal, { scheme: "memory", kwargs: {} });
  await assert.rejects(storage.call("register_path", "x".repeat(5_000)), {
    name: "InvalidArgument",
    message: "expected a path of at most 4095 characters, found 5000",
  });
  for (let at = 0; at < 400; at++) await storage.call("register_path", `${at}${"x".repeat(4_000)}`);
  const made = await storage.call("get_created_resources") as string[];
  assert.ok(made.join("").length <= 1_000_000);
  assert.deepEqual(storage.logged, [
    `warning: Clients created ${made.length} paths in this lease: further ones are not remembered`,
  ]);
});
