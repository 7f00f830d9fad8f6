import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Gathered } from "./gathered.ts";

const ENOUGH = 256 * 1024;

function gather(chunks: readonly Uint8Array[]): Uint8Array[] {
  const gathered = new Gathered(ENOUGH);
  const given = chunks.flatMap((chunk) => gathered.add(chunk) ?? []);
  return gathered.length > 0 ? [...given, gathered.take()] : given;
}

Deno.test("Gathered joins adjacent pieces of memory without a copy", () => {
  const memory = new Uint8Array(ENOUGH).map((_, index) => index);
  const pieces = [0, 10, 70_000, 200_000].map((start, index, all) =>
    memory.subarray(start, all[index + 1])
  );
  const chunks = gather(pieces);
  assert.equal(chunks.length, 1);
  assert.equal(chunks[0]!.buffer, memory.buffer);
});

Deno.test("Gathered preserves the bytes of any chunks and returns no small ones before the last", () => {
  const memory = new Uint8Array(1 << 20).map((_, index) => index * 7);
  const chunk = fc.tuple(fc.nat(500_000), fc.oneof(fc.nat(100), fc.nat(300_000)));
  fc.assert(fc.property(fc.array(chunk), (places) => {
    const chunks = places.map(([start, length]) => memory.subarray(start, start + length));
    const given = gather(chunks);
    assert.ok(Buffer.concat(given).equals(Buffer.concat(chunks)));
    const small = given.slice(0, -1).filter(({ length }) => length < 16 * 1024);
    assert.equal(small.length, 0);
  }));
});
