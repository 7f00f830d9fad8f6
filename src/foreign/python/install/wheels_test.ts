import assert from "node:assert/strict";
import { testFolder } from "../../../files/testing.ts";
import { newestVersion } from "./wheels.ts";

Deno.test("newestVersion() compares versions by their numbers, and reads no other packages", async () => {
  await using folder = await testFolder();
  const newest = () => newestVersion(folder.path, "acme-power");
  const add = (name: string) => Deno.writeTextFile(`${folder.path}/${name}`, "");
  for (const name of ["acme_power_plus-9.0-py3-none-any.whl", "acme_power.txt", "acme_power-8"]) {
    await add(name);
  }
  assert.equal(await newest(), undefined);
  const added = [
    ["acme_power-0.9.0rc1-py3-none-any.whl", "0.9.0rc1"],
    ["acme_power-0.9.0-py3-none-any.whl", "0.9.0"],
    ["Acme_Power-0.10.0-cp311-cp311-manylinux_2_28_aarch64.whl", "0.10.0"],
    ["acme_power-0.9.9-py3-none-any.whl", "0.10.0"],
    ["acme.power-0.10.1.tar.gz", "0.10.1"],
  ] as const;
  for (const [name, expected] of added) {
    await add(name);
    assert.equal(await newest(), expected, name);
  }
});
