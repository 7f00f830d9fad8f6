import assert from "node:assert/strict";
import { check, cString, errnoName, functions, hasErrno, lastErrno, SystemError } from "./libc.ts";
import "./testing.ts";

const libc = functions({ open: { parameters: ["buffer", "i32"], result: "i32" } });
libc();

Deno.test("lastErrno() returns the errno of a failed call, and errnoName() its name", () => {
  assert.equal(libc().open(cString("/nonexistent/file"), 0), -1);
  assert.equal(errnoName(lastErrno()), "ENOENT");
  assert.equal(errnoName(9999), "errno 9999");
});

Deno.test("check() returns a result, or throws the error of a failed call", () => {
  assert.equal(check(7n, "open"), 7);
  assert.throws(() => check(libc().open(cString("/nonexistent/file"), 0), "Cannot open it"), {
    name: "SystemError",
    code: "ENOENT",
    message: "Cannot open it: no such file or directory (ENOENT)",
  });
});

Deno.test("hasErrno() recognizes errors of the C library and of Deno", async () => {
  const missing = await Deno.stat("/nonexistent/file").catch((error) => error);
  assert.ok(hasErrno(missing, "EACCES", "ENOENT"));
  assert.ok(hasErrno(new SystemError("flock", "EAGAIN"), "EAGAIN"));
  for (const other of [missing, new Error("ENOENT"), { code: "EAGAIN" }, undefined]) {
    assert.equal(hasErrno(other, "EAGAIN"), false);
  }
});
