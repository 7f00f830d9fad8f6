import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { FlashCommand, flashCommand } from "./flash_client.ts";
import { local } from "./large_images.ts";

/** A hang guard. */
const SOON_MS = 60_000;

const EMPTY: Readonly<Record<string, Uint8Array>> = {
  plain: new Uint8Array(),
  gzip: gzipSync(""),
  zstd: zstdCompressSync(new Uint8Array()),
};

Deno.test("the official client learns that its empty image was refused, unless the config accepts it", async () => {
  {
    await using way = await local(false);
    await Deno.writeTextFile(way.store, "as it was");
    for (const [encoding, bytes] of Object.entries(EMPTY)) {
      const file = `${way.dir}/image.${encoding}`;
      await Deno.writeFile(file, bytes);
      const command = ["flash", file, ...(encoding === "plain" ? [] : [encoding])];
      await using flashing = await FlashCommand.start(command, way.env);
      const { ok, error } = await flashing.said(SOON_MS);
      assert.ok(!ok, encoding);
      assert.match(error!, /Cannot write to .*: expected an image, found an empty one of 0 bytes/);
      assert.match(error!, /or set 'allow_empty: true' if it is meant/);
    }
    assert.equal(await Deno.readTextFile(way.store), "as it was");
  }
  await using way = await local(true);
  await Deno.writeTextFile(way.store, "as it was");
  await Deno.writeFile(`${way.dir}/image`, new Uint8Array());
  await flashCommand(["flash", `${way.dir}/image`], way.env);
});
