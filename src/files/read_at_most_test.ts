import assert from "node:assert/strict";
import { readAtMost } from "./read_at_most.ts";

Deno.test("readAtMost() returns the content of a file, or undefined if it is too long", async () => {
  const path = await Deno.makeTempFile();
  try {
    for (const size of [0, 1, 16 * 1024, 16 * 1024 + 1, 100_000]) {
      const bytes = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
      await Deno.writeFile(path, bytes);
      assert.deepEqual(await readAtMost(path, bytes.length), bytes);
      assert.deepEqual(await readAtMost(path, 1 << 30), bytes);
      if (size > 0) assert.equal(await readAtMost(path, bytes.length - 1), undefined);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readAtMost() stops reading an endless device", async () => {
  assert.equal(await readAtMost("/dev/zero", 1_000_000), undefined);
  await assert.rejects(readAtMost("/nonexistent", 1), Deno.errors.NotFound);
});
