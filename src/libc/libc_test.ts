import assert from "node:assert/strict";
import { cString, functions, lastErrno } from "./libc.ts";
import "./testing.ts";

const libc = functions({ open: { parameters: ["buffer", "i32"], result: "i32" } });
libc();

Deno.test("a call that fails leaves its errno as a word", () => {
  assert.equal(libc().open(cString("/nonexistent/file"), 0), -1);
  assert.equal(lastErrno(), "ENOENT");
});
