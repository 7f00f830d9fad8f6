import assert from "node:assert/strict";
import type { DriverInstanceReport } from "../../wire/gen/jumpstarter/v1/jumpstarter.ts";
import { hostedRows } from "./report.ts";

/** A row as `name`, below the driver `parentUuid`. */
function row(uuid: string, name?: string, parentUuid?: string): DriverInstanceReport {
  const labels = {
    "jumpstarter.dev/client": "vendor.Client",
    ...(name !== undefined && { "jumpstarter.dev/name": name }),
  };
  return { uuid, parentUuid, labels, methodsDescription: {} };
}

/** `path remoteUuid` of the rows for the entry `board.relay`. */
function placed(...reports: DriverInstanceReport[]): string[] {
  const entry = { path: "board.relay", name: "relay", uuid: (path: string) => `our-${path}` };
  return hostedRows(reports, entry).map(({ path, uuid, remoteUuid }) => {
    assert.equal(uuid, `our-${path}`);
    return `${path} ${remoteUuid}`;
  });
}

Deno.test("hostedRows() takes the root as the entry's driver", () => {
  assert.deepEqual(placed(row("r")), ["board.relay r"]);
  assert.deepEqual(placed(row("r"), row("c", "coil", "r")), [
    "board.relay r",
    "board.relay.coil c",
  ]);
  const named = [row("r", "relay"), row("c", "relay", "r")];
  assert.deepEqual(placed(...named), ["board.relay r", "board.relay.relay c"]);
  const ours = [row("our-board.relay"), row("c", "relay", "our-board.relay")];
  assert.deepEqual(placed(...ours), ["board.relay undefined", "board.relay.relay c"]);
});

Deno.test("hostedRows() passes over a root that only holds the entry", () => {
  const rows = [row("r"), row("e", "relay", "r"), row("b", "b", "e"), row("a", "a", "b")];
  assert.deepEqual(placed(...rows), ["board.relay e", "board.relay.b b", "board.relay.b.a a"]);
  const two = [row("r"), row("e", "relay", "r"), row("f", "other", "r")];
  assert.deepEqual(placed(...two), ["board.relay r", "board.relay.relay e", "board.relay.other f"]);
});

Deno.test("hostedRows() places the target of a proxy wherever it is reported", () => {
  const target = [row("t", "power", "r"), row("c", "coil", "t")];
  const rows = [row("r"), ...target, row("g", "group", "r"), row("t", "alias", "g"), target[1]!];
  assert.deepEqual(placed(...rows), [
    "board.relay r",
    "board.relay.power t",
    "board.relay.power.coil c",
    "board.relay.group g",
    "board.relay.group.alias t",
    "board.relay.group.alias.coil c",
  ]);
});

Deno.test("hostedRows() refuses what is no tree of drivers", () => {
  const long = { ...row("r"), description: "x".repeat(65_537) };
  const bare = { ...row("r"), labels: {} };
  const cases: [DriverInstanceReport[], RegExp][] = [
    [[], /expected one driver without parent_uuid, found 0/],
    [[row("r"), row("s")], /without parent_uuid, found 2/],
    [[row("r"), row("c", "c", "gone")], /expected the driver gone, the parent of 'c'/],
    [
      [row("r"), row("a", "a", "b"), row("b", "b", "a")],
      /expected the driver b, the parent of 'a'/,
    ],
    [[row("r"), row("a", "a", "r"), row("a", "b", "a")], /in 32 levels/],
    [[row("r"), row("c", undefined, "r")], /label jumpstarter.dev\/name without dots, found ""/],
    [[row("r"), row("c", "a.b", "r")], /without dots, found "a.b"/],
    [[row("r"), row("c", "c", "r"), row("d", "c", "r")], /found two children 'c'/],
    [[row("")], /has a uuid, found none/],
    [[bare], /'board.relay' has the label jumpstarter.dev\/client/],
    [[long], /65536 characters/],
    [
      Array.from({ length: 1_001 }, (_, at) => row(`${at}`, `${at}`, at ? "0" : "")),
      /1000 drivers/,
    ],
  ];
  for (const [reports, message] of cases) {
    assert.throws(() => placed(...reports), { name: "DriverError", message });
  }
});
