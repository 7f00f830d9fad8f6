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
  const dir = await Deno.makeTempDir({ prefix: "jmp-suites-" });
  try {
    await Deno.mkdir(`${dir}/inner`);
    await Deno.mkdir(`${dir}/empty`);
    for (const name of ["b_test.ts", "a.ts", "inner/c_test.ts"]) {
      await Deno.writeTextFile(`${dir}/${name}`, "");
    }
    const [a, b, c] = ["a.ts", "b_test.ts", "inner/c_test.ts"].map((name) => `${dir}/${name}`);
    assert.deepEqual(await filesBelow([a!]), [a]);
    assert.deepEqual((await filesBelow([`${dir}/`, dir, `${dir}/inner`])).sort(), [b, c]);
    assert.deepEqual(await filesBelow(["./c_test.ts"], `${dir}/inner/`), [c]);
    for (const path of ["nowhere", "empty"]) {
      const complaint = { message: /^Cannot test (nowhere|empty): expected a file or a folder/ };
      await assert.rejects(filesBelow([path], `${dir}/`), complaint);
    }
    // Files of the tree are named by their paths in it.
    assert.deepEqual(await filesBelow(["tests/until.ts"]), ["tests/until.ts"]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
