import assert from "node:assert/strict";
import { toValue } from "./value.ts";
import { DriverCallResponse } from "./gen/jumpstarter/v1/jumpstarter.ts";

function overTheWire(value: unknown): unknown {
  const bytes = DriverCallResponse.encode({ uuid: "u", result: toValue(value) }).finish();
  return DriverCallResponse.decode(bytes).result;
}

Deno.test("toValue() makes what official exporters send of each kind of value", () => {
  const when = new Date("2024-01-02T03:04:05.000Z");
  const cases: [unknown, unknown][] = [
    [undefined, null],
    [null, null],
    [NaN, null],
    [-Infinity, null],
    [true, true],
    [5, 5],
    [2n ** 53n + 1n, 2 ** 53],
    ["ü", "ü"],
    [new TextEncoder().encode("ü"), "ü"],
    [when, "2024-01-02T03:04:05.000Z"],
    [new URL("http://h/p"), "http://h/p"],
    [new Set([1, "a"]), [1, "a"]],
    [new Map([[1, { a: undefined }]]), { 1: { a: null } }],
    [{ voltage: 5, current: { nested: [NaN] } }, { voltage: 5, current: { nested: [null] } }],
    [[], []],
    [{}, {}],
  ];
  for (const [input, expected] of cases) assert.deepEqual(overTheWire(input), expected);
});

Deno.test("toValue() refuses what has no wire form, saying what it was", () => {
  assert.throws(() => toValue(() => 1), /Cannot send a function/);
  assert.throws(() => toValue({ a: Symbol("s") }), /Cannot send a symbol/);
  assert.throws(() => toValue(new Uint8Array([0xff, 0xfe])), /2 bytes .* not UTF-8; send base64/);
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };
  assert.throws(() => toValue(cycle), /contains itself/);
});

Deno.test("toValue() accepts the same object twice, as long as it is no cycle", () => {
  const shared = { a: 1 };
  assert.deepEqual(toValue([shared, shared]), [{ a: 1 }, { a: 1 }]);
});
