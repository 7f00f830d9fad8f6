import assert from "node:assert/strict";
import fc from "fast-check";
import { readDriverCall } from "./driver_call.ts";
import { DriverCallRequest } from "./gen/jumpstarter/v1/jumpstarter.ts";
import { readNothing } from "./protobuf.ts";

function encode(args: unknown[], uuid = "u", method = "m"): Uint8Array {
  return DriverCallRequest.encode({ uuid, method, args }).finish();
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [value & 0x7f | 0x80, ...varint(value >>> 7)];
}

/** A length-delimited field. */
function field(number: number, bytes: Uint8Array): Uint8Array {
  const head = [...varint(number << 3 | 2), ...varint(bytes.length)];
  const whole = new Uint8Array(head.length + bytes.length);
  whole.set(head);
  whole.set(bytes, head.length);
  return whole;
}

/** `count` values within each other: lists, or structs of one key. */
function nested(count: number, kind: "list" | "struct"): Uint8Array {
  let value: Uint8Array = new Uint8Array();
  for (let index = 0; index < count; index++) {
    const inner = field(kind === "list" ? 1 : 2, value);
    value = kind === "list" ? field(6, inner) : field(5, field(1, inner));
  }
  return field(3, value);
}

const values = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.parse(JSON.stringify(value)));

Deno.test("readDriverCall() reads what clients write", () => {
  const texts = fc.string({ unit: "grapheme" });
  fc.assert(fc.property(texts, texts, fc.array(values), (uuid, method, args) => {
    const { weight, ...read } = readDriverCall(encode(args, uuid, method));
    assert.deepEqual(read, { uuid, method, args });
    assert.ok(weight >= 16 * args.length);
  }));
});

Deno.test("readDriverCall() takes the last of what is said twice, and null for what is not said", () => {
  const first = field(3, field(3, new TextEncoder().encode("a")));
  const nothing = field(3, new Uint8Array());
  const twice = field(3, Uint8Array.from([...field(3, Uint8Array.of(97)), 0x20, 1]));
  const call = readDriverCall(Uint8Array.from([...first, ...nothing, ...twice]));
  assert.deepEqual(call.args, ["a", null, true]);
  assert.deepEqual([call.uuid, call.method], ["", ""]);
});

Deno.test("readDriverCall() ends in one error whatever the bytes are, and never elsewhere", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        readDriverCall(bytes);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        assert.doesNotMatch(error.message, /Maximum|Offset|Invalid/);
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readDriverCall() takes what official exporters take of depth, and no more", () => {
  readDriverCall(nested(49, "list"));
  readDriverCall(nested(33, "struct"));
  const deep = /messages nested at most 100 deep/;
  assert.throws(() => readDriverCall(nested(50, "list")), deep);
  assert.throws(() => readDriverCall(nested(34, "struct")), deep);
  assert.throws(() => readDriverCall(new Uint8Array(4_000_000).fill(0x2b)), deep);
  assert.throws(() => readNothing(new Uint8Array(4_000_000).fill(0x2b)), deep);
  assert.throws(() => readDriverCall(Uint8Array.of(0x0a, 2, 0xff, 0xfe)), /is not UTF-8/);
});

Deno.test("readDriverCall() refuses what would take many times its length in memory", () => {
  const many = (item: number[]) => {
    const items = new Uint8Array(4_000_000 - 4_000_000 % item.length);
    for (let at = 0; at < items.length; at += item.length) items.set(item, at);
    return field(3, field(6, items));
  };
  const tooMany = /too many values: they take over 48 MiB/;
  // Empty structs and lists.
  assert.throws(() => readDriverCall(many([0x0a, 2, 0x2a, 0])), tooMany);
  assert.throws(() => readDriverCall(many([0x0a, 2, 0x32, 0])), tooMany);
  // 360,000 numbers, 4 MB of short texts, a million times null.
  const numbers = Array.from({ length: 360_000 }, (_, index) => index / 3);
  assert.deepEqual(readDriverCall(encode([numbers])).args, [numbers]);
  assert.equal(readDriverCall(many([0x0a, 8, 0x1a, 6, 97, 97, 97, 97, 97, 97])).args.length, 1);
  assert.equal((readDriverCall(many([0x0a, 2, 8, 0])).args[0] as unknown[]).length, 1_000_000);
  const keys = (count: number) => Array.from({ length: count }, (_, index) => ({ [index]: null }));
  assert.equal(readDriverCall(encode([keys(32_768)])).args.length, 1);
  assert.throws(() => readDriverCall(encode([keys(32_769)])), /more than 32768 different keys/);
  assert.throws(() => readDriverCall(encode(Array(1_025).fill(null))), /more than 1024 arguments/);
  const text = "x".repeat(4_000_000);
  assert.deepEqual(readDriverCall(encode([text])).args, [text]);
});

Deno.test("a key cannot give an object another prototype", () => {
  const inner = { polluted: "yes" };
  const args = [JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":1}')];
  const [read] = readDriverCall(encode(args)).args as [Record<string, unknown>];
  assert.equal(Object.getPrototypeOf(read), Object.prototype);
  assert.deepEqual(Object.keys(read), ["__proto__", "constructor"]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(read, "__proto__")?.value, inner);
  assert.equal((read as { polluted?: unknown }).polluted, undefined);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});
