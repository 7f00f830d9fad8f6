import assert from "node:assert/strict";
import "./testing.ts";
import { fileLimit, isOutOfFiles, outOfFilesAdvice, raiseFileLimit } from "./file_limit.ts";

Deno.test("raiseFileLimit() raises the limit of open files to the hard limit", async () => {
  const { soft, hard } = raiseFileLimit();
  assert.equal(soft, hard);
  const shown = /Max open files\s+(\d+)\s+(\d+)/.exec(
    await Deno.readTextFile("/proc/self/limits"),
  )!;
  assert.deepEqual([Number(shown[1]), Number(shown[2])], [soft, hard]);
  assert.deepEqual(fileLimit(), { soft, hard });
  assert.match(outOfFilesAdvice(), new RegExp(`may have ${soft} open`));
});

Deno.test("isOutOfFiles() recognizes errors for too many open files", () => {
  assert.ok(isOutOfFiles(new Error("Too many open files (os error 24)")));
  assert.ok(isOutOfFiles(Object.assign(new Error("connect"), { code: "EMFILE" })));
  assert.ok(isOutOfFiles(new Error("Too many open files in system (os error 23)")));
  assert.ok(isOutOfFiles(new Error("Cannot open /dev/x: EMFILE")));
  for (const other of [new Error("os error 2"), "EMFILE", {}, new Error("ENOENT")]) {
    assert.equal(isOutOfFiles(other), false);
  }
});
