import assert from "node:assert/strict";
import { table } from "./table.ts";

Deno.test("the README of j has the table of what is compared", async () => {
  const readme = await Deno.readTextFile(new URL("../../../src/j/README.md", import.meta.url));
  // The formatter aligns columns and wraps lines.
  const plain = (text: string) => text.replace(/-{3,}/g, "---").replace(/\s+/g, " ");
  assert.ok(plain(readme).includes(plain(table())), `it lacks:\n${table()}`);
});
