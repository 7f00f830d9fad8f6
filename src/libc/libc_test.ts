import assert from "node:assert/strict";
import { cString, functions, lastErrno } from "./libc.ts";

Deno.test("a call that fails leaves its errno as a word", () => {
  const libc = functions({ open: { parameters: ["buffer", "i32"], result: "i32" } });
  assert.equal(libc().open(cString("/nonexistent/file"), 0), -1);
  assert.equal(lastErrno(), "ENOENT");
});
