/** What the packages of the official client tell of their drivers. */
import assert from "node:assert/strict";
import { manifests } from "../../drivers/mod.ts";
import {
  describeDriver,
  listDrivers,
  nativeDrivers,
  pythonDrivers,
} from "../../src/catalog/mod.ts";
import { officialClient } from "./environment.ts";

const { bin } = await officialClient();
const problems: string[] = [];
const python = pythonDrivers({ JMP_PYTHON: `${bin}/python` }, (problem) => problems.push(problem));

Deno.test("the drivers of the official packages are listed, those without entry points too", async () => {
  const drivers = await listDrivers([python]);
  const types = drivers.map(({ type }) => type);
  for (const { type } of manifests) assert.ok(types.includes(type), type);
  const opendal = drivers.find(({ type }) => type === "jumpstarter_driver_opendal.driver.Opendal");
  assert.deepEqual(opendal, {
    type: "jumpstarter_driver_opendal.driver.Opendal",
    client: "jumpstarter_driver_opendal.client.OpendalClient",
    origin: "python",
    from: "jumpstarter-driver-opendal 0.9.0",
  });
  assert.deepEqual(problems, []);
});

Deno.test("a built-in driver wins over the Python driver of its type", async () => {
  const drivers = await listDrivers([nativeDrivers, python]);
  const ours = drivers.filter(({ origin }) => origin === "native").map(({ type }) => type);
  assert.deepEqual(ours, manifests.map(({ type }) => type));
  assert.equal(new Set(drivers.map(({ type }) => type)).size, drivers.length);
});

for (const { type, client } of manifests) {
  Deno.test(`the official class of ${type} tells the client and the keys of ours`, async () => {
    const [theirs, ours] = await Promise.all([
      describeDriver(type, [python]),
      describeDriver(type, [nativeDrivers]),
    ]);
    assert.ok(!("problem" in theirs) && !("problem" in ours), problems.join());
    assert.equal(theirs.client, client);
    const keys = ours.keys!.map(({ name }) => name);
    assert.ok(theirs.keys!.every(({ name }) => keys.includes(name)), JSON.stringify(theirs.keys));
    const names = (table = {}) => Object.keys(table).map((signature) => signature.split("(")[0]!);
    for (const kind of ["streams", "bytes"] as const) {
      const known = names(ours.methods?.[kind]);
      for (const name of names(theirs.methods?.[kind])) assert.ok(known.includes(name), name);
    }
    for (const name of names(theirs.methods?.calls)) {
      assert.ok(names(ours.methods?.calls).includes(name), name);
    }
  });
}
