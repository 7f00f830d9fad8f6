import assert from "node:assert/strict";
import fc from "fast-check";
import { cut } from "./cut.ts";

const texts = fc.oneof(
  fc.string({ unit: "binary", maxLength: 2_000, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 2_000, size: "max" }),
  // Halves of surrogate pairs, too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 2_000, size: "max" }).map((units) =>
    String.fromCharCode(...units)
  ),
);

Deno.test("cut() returns short text unchanged, and keeps the beginning and end of long text", () => {
  assert.equal(cut("short", 50), "short");
  const path = `Cannot stat ${"x".repeat(5_000)}: not found`;
  const short = cut(path, 200);
  assert.match(
    short,
    /^Cannot stat x+ \.\.\. \[4\d\d\d characters left out\] \.\.\. x+: not found$/,
  );
  assert.ok(short.length <= 200);
});

Deno.test("cut() respects its limit, splits no surrogate pair and counts omitted characters", () => {
  const sizes = fc.integer({ min: 60, max: 400 });
  fc.assert(fc.property(texts, sizes, fc.boolean(), (text, room, dear) => {
    const cost = (codePoint: number) => codePoint > 0xffff ? 12 : codePoint > 0x7e ? 6 : 1;
    const price = (text: string) =>
      dear ? [...text].reduce((sum, char) => sum + cost(char.codePointAt(0)!), 0) : text.length;
    const short = dear ? cut(text, room, cost) : cut(text, room);
    assert.ok(price(short) <= room);
    if (price(text) <= room) return assert.equal(short, text);
    const marks = [...short.matchAll(/ \.\.\. \[(\d+) characters left out\] \.\.\. /g)];
    assert.ok(marks.some(({ 0: mark, 1: count, index }) => {
      const [start, end] = [short.slice(0, index), short.slice(index + mark.length)];
      const missing = text.slice(start.length, text.length - end.length);
      return text.startsWith(start) && text.endsWith(end) && missing.length === Number(count) &&
        // The pieces have as many characters as the whole.
        [...start, ...missing, ...end].length === [...text].length;
    }));
  }));
});

Deno.test("cut() takes the same time for a much longer text", () => {
  const huge = "\u{1f600}".repeat(20_000_000);
  // A repeated text is put together when it is first looked into.
  assert.equal(huge.charCodeAt(1), 0xde00);
  let looked = 0;
  const start = performance.now();
  assert.ok(cut(huge, 8_000, () => (looked += 1, 12)).length < 8_000);
  assert.ok(performance.now() - start < 1_000);
  assert.ok(looked < 2_000, `${looked} characters were looked at`);
});
