import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { SparseFile } from "./sparse_file.ts";

const MIB = 1 << 20;

/** Writes `parts` to the file, whose content is `before`; returns its content and the bytes on the disk. */
async function written(parts: readonly Uint8Array[], truncate: boolean) {
  const path = await Deno.makeTempFile({ prefix: "jmp-sparse-" });
  try {
    await Deno.writeFile(path, new Uint8Array(9 * MIB).fill(0xaa));
    {
      using file = await SparseFile.over(await Deno.open(path, { write: true, truncate }));
      for (const part of parts) await file.write(part);
    }
    const { blocks } = await Deno.stat(path);
    return { content: await Deno.readFile(path), taken: blocks! * 512 };
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("SparseFile leaves holes for zeros, also at its end, and keeps every byte", async () => {
  const noise = randomBytes(MIB);
  const parts = [
    noise,
    new Uint8Array(3 * MIB + 7),
    noise.subarray(1),
    new Uint8Array(2 * MIB + 5),
  ];
  const { content, taken } = await written(parts, true);
  assert.equal(Buffer.compare(content, Buffer.concat(parts)), 0);
  assert.ok(taken < 3 * MIB, `${taken} bytes on the disk`);
});

Deno.test("SparseFile writes zeros over old content", async () => {
  const parts = [new Uint8Array(3 * MIB), randomBytes(MIB), new Uint8Array(3 * MIB)];
  const { content } = await written(parts, false);
  const expected = Buffer.concat([...parts, Buffer.alloc(2 * MIB, 0xaa)]);
  assert.equal(Buffer.compare(content, expected), 0);
});
