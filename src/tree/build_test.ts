import { entryOf } from "./testing.ts";
import assert from "node:assert/strict";
import { defineDriver, z } from "../driver/manifest.ts";
import type { Part } from "../driver/manifest.ts";
import type { DriverEntry, Entry } from "./entry.ts";
import { buildTree } from "./build.ts";
import { drivers } from "./node.ts";
import { driverUuid } from "./uuid.ts";
import { report } from "./report.ts";
import { DriverError } from "../wire/error.ts";

const manifest = defineDriver({
  type: "pkg.driver.Thing",
  client: "pkg.client.ThingClient",
  config: z.strictObject({}),
  children: true,
  open: () => ({}),
});

function driver(name: string, ...children: Entry[]): DriverEntry {
  return entryOf(name, manifest, children);
}

function proxy(name: string, ref: string): Entry {
  return { kind: "proxy", name, ref };
}

const identity = { namespace: "lab", name: "demo" };

Deno.test("report() lists parents before children and repeats the targets of proxies", () => {
  const { root, problems } = buildTree(
    [driver("t"), driver("grp", driver("t2")), proxy("r", "t"), proxy("r2", "grp.t2")],
    identity,
    "my bench",
  );
  assert.deepEqual(problems, []);
  const rows = report(root);
  const names = rows.map((row) => row.labels["jumpstarter.dev/name"]);
  assert.deepEqual(names, [undefined, "t", "grp", "t2", "r", "r2"]);
  assert.equal(rows[0]!.parentUuid, undefined);
  assert.equal(rows[0]!.description, "my bench");
  assert.equal(
    rows[0]!.labels["jumpstarter.dev/client"],
    "jumpstarter_driver_composite.client.CompositeClient",
  );
  assert.equal(rows[4]!.uuid, rows[1]!.uuid);
  assert.equal(rows[4]!.parentUuid, rows[0]!.uuid);
  assert.equal(rows[5]!.uuid, rows[3]!.uuid);
  assert.equal(rows[5]!.parentUuid, rows[0]!.uuid);
  assert.equal(rows[3]!.parentUuid, rows[2]!.uuid);
});

Deno.test("report() repeats the whole subtree under a proxy of a group", () => {
  const { root } = buildTree([proxy("alias", "grp"), driver("grp", driver("t"))], identity);
  const names = report(root).map((row) => row.labels["jumpstarter.dev/name"]);
  assert.deepEqual(names, [undefined, "alias", "t", "grp", "t"]);
  assert.equal([...drivers(root)].length, 3);
});

Deno.test("buildTree() follows references through references", () => {
  const entries = [proxy("a", "b"), proxy("b", "grp.c"), driver("grp", driver("c"))];
  const { root, problems } = buildTree(entries, identity);
  assert.deepEqual(problems, []);
  assert.equal(report(root)[1]!.uuid, driverUuid(identity, "grp.c"));
});

Deno.test("buildTree() reports references without a target, in circles, and to their own parent", () => {
  const cases: [Entry[], RegExp][] = [
    [[proxy("a", "b")], /nothing is exported as 'b'/],
    [[proxy("a", "a")], /circle: a → a/],
    [[proxy("a", "b"), proxy("b", "a")], /circle: a → b → a/],
    [[proxy("a", "a.x")], /nothing is exported as 'a.x'/],
    [[proxy("a", "b"), proxy("b", "a"), proxy("c", "a.x")], /nothing is exported as 'a.x'/],
    [[driver("g", proxy("a", "g"))], /'g' would contain itself/],
    [[driver("g", proxy("a", "h")), driver("h", proxy("b", "g"))], /'g' would contain itself/],
  ];
  for (const [entries, expected] of cases) {
    const { root, problems } = buildTree(entries, identity);
    assert.match(problems.map(({ reason }) => reason).join(), expected);
    assert.ok(report(root).length >= 1);
  }
});

Deno.test("driverUuid() is a version 5 uuid that depends on exporter and path alone", () => {
  const uuid = driverUuid(identity, "power");
  assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(uuid, driverUuid({ ...identity }, "power"));
  assert.notEqual(uuid, driverUuid(identity, "serial"));
  assert.notEqual(uuid, driverUuid({ ...identity, name: "other" }, "power"));
});

Deno.test("report() gives an unavailable driver the base client", () => {
  const entry: DriverEntry = {
    ...driver("custom"),
    source: { unavailable: new DriverError("not installed") },
  };
  const [, row] = report(buildTree([entry], identity).root);
  assert.equal(row!.labels["jumpstarter.dev/client"], "jumpstarter.client.DriverClient");
});

const storage: Part = { name: "storage", client: "pkg.client.StorageClient", labels: { a: "b" } };

function withParts(name: string, parts: readonly Part[], ...children: Entry[]): DriverEntry {
  const made = { ...manifest, parts: () => parts };
  return {
    ...driver(name, ...children),
    source: { manifest: made, implementation: manifest, config: {} },
  };
}

Deno.test("report() lists the parts of a driver after its configured children", () => {
  const entries = [withParts("tftp", [{ ...storage, parts: [storage] }], driver("power"))];
  const { root, problems } = buildTree(entries, identity);
  assert.deepEqual(problems, []);
  const rows = report(root);
  assert.deepEqual(rows.map(({ labels }) => labels["jumpstarter.dev/name"]), [
    undefined,
    "tftp",
    "power",
    "storage",
    "storage",
  ]);
  const part = rows[3]!;
  assert.equal(part.uuid, driverUuid(identity, "tftp.storage"));
  assert.equal(part.parentUuid, rows[1]!.uuid);
  assert.equal(part.labels["jumpstarter.dev/client"], "pkg.client.StorageClient");
  assert.equal(part.labels["a"], "b");
  assert.equal(rows[4]!.uuid, driverUuid(identity, "tftp.storage.storage"));
});

Deno.test("buildTree() replaces a child by a part of the same name, which references can name", () => {
  const entries = [
    proxy("images", "tftp.storage"),
    withParts("tftp", [storage], driver("storage"), proxy("own", "tftp.storage")),
    proxy("none", "tftp.nothing"),
  ];
  const { root, problems } = buildTree(entries, identity);
  assert.deepEqual(problems.map(({ path, reason }) => `${path}: ${reason}`), [
    "tftp.own: 'tftp' would contain itself",
    "none: nothing is exported as 'tftp.nothing'",
  ]);
  const [, images, tftp, part] = report(root);
  assert.equal(images!.uuid, driverUuid(identity, "tftp.storage"));
  assert.equal(images!.parentUuid, tftp!.parentUuid);
  assert.equal(part!.uuid, images!.uuid);
  assert.equal(part!.labels["jumpstarter.dev/client"], "pkg.client.StorageClient");
});
