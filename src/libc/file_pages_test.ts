import assert from "node:assert/strict";
import "./testing.ts";
import { forgetFilePages } from "./file_pages.ts";

/** Memory of this process in kB, by the fields of /proc/self/smaps_rollup. */
function memory(field: string): number {
  const text = Deno.readTextFileSync("/proc/self/smaps_rollup");
  return Number(new RegExp(`^${field}: +(\\d+) kB$`, "m").exec(text)![1]);
}

Deno.test("forgetFilePages() unmaps most pages of files, and what was written stays", () => {
  const kept = new Uint8Array(1 << 20).fill(7);
  const before = { file: memory("Rss") - memory("Anonymous"), anonymous: memory("Anonymous") };
  forgetFilePages();
  const after = { file: memory("Rss") - memory("Anonymous"), anonymous: memory("Anonymous") };
  assert.ok(after.file < before.file / 2, `${after.file} kB of ${before.file} kB`);
  assert.ok(after.anonymous > before.anonymous - 1024, `${after.anonymous} of ${before.anonymous}`);
  assert.ok(kept.every((byte) => byte === 7));
});

Deno.test("the program goes on while its pages are forgotten", async () => {
  for (let round = 0; round < 20; round++) {
    const hashing = crypto.subtle.digest("SHA-256", new Uint8Array(1 << 20));
    forgetFilePages();
    assert.equal((await hashing).byteLength, 32);
    assert.match(JSON.stringify(new Intl.DateTimeFormat("en").format(0)), /70/);
  }
});
