import assert from "node:assert/strict";
import { filesBelow, filesOf, suiteOf, SUITES, UNIT } from "./suites.ts";

Deno.test("every test file of the tree is of one suite", async () => {
  const all = await filesBelow(["."]);
  const owned = (await Promise.all(SUITES.map(filesOf))).flat();
  assert.deepEqual(owned.toSorted(), all.toSorted());
  for (const suite of SUITES) assert.ok((await filesOf(suite)).length > 0, suite.name);
});

Deno.test("a file is of the suite with the innermost folder around it", () => {
  assert.equal(suiteOf("src/wire/error_test.ts"), UNIT);
  assert.equal(suiteOf("tests/cli_test.ts"), UNIT);
  assert.equal(suiteOf("tests/official/unix_test.ts").name, "official");
  assert.equal(suiteOf("tests/official_test.ts"), UNIT);
  assert.equal(suiteOf("/elsewhere/some_test.ts"), UNIT);
});

Deno.test("filesBelow() takes files as they are, folders by their tests, and nothing else", async () => {
  assert.deepEqual(await filesBelow(["tests/until.ts"]), ["tests/until.ts"]);
  assert.deepEqual(await filesBelow(["scripts/test/", "scripts"]), [
    "scripts/test/file_test.ts",
    "scripts/test/queue_test.ts",
    "scripts/test/suites_test.ts",
  ]);
  assert.deepEqual(await filesBelow(["./suites_test.ts"], import.meta.dirname + "/"), [
    "scripts/test/suites_test.ts",
  ]);
  for (const path of ["nowhere", "proto"]) {
    await assert.rejects(filesBelow([path]), { message: /^Cannot test (nowhere|proto): expected/ });
  }
});
