import assert from "node:assert/strict";
import { giveBackFreedMemory } from "./allocator.ts";

const SIZE = 96 * 1024;
const COUNT = 200;

Deno.test("giveBackFreedMemory(): freed buffers are not kept between those in use", () => {
  giveBackFreedMemory();
  const libc = Deno.dlopen("libc.so.6", {
    malloc: { parameters: ["usize"], result: "pointer" },
    memset: { parameters: ["pointer", "i32", "usize"], result: "pointer" },
    free: { parameters: ["pointer"], result: "void" },
  });
  const { malloc, memset, free } = libc.symbols;
  const blocks = Array.from(
    { length: 2 * COUNT },
    () => memset(malloc(BigInt(SIZE)), 1, BigInt(SIZE)),
  );
  const [freed, used] = [0, 1].map((rest) => blocks.filter((_, index) => index % 2 === rest));
  const full = residentBytes();
  for (const pointer of freed!) free(pointer);
  const given = full - residentBytes();
  for (const pointer of used!) free(pointer);
  libc.close();
  assert.ok(given > COUNT * SIZE / 2, `${given} of ${COUNT * SIZE} bytes went back`);
});

function residentBytes(): number {
  return Deno.memoryUsage().rss;
}
