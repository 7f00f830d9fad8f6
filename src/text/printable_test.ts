import assert from "node:assert/strict";
import fc from "fast-check";
import {
  printable,
  printableDocument,
  printableJson,
  printableLines,
  printableOutput,
  withoutColors,
} from "./printable.ts";

/** Text with much of what is unsafe in it. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      "\x1b[",
      "\x1b]0;",
      "31m",
      "2J",
      "K",
      "\n",
      "\r",
      "\r\n",
      "\x07",
      "\x9b",
      "\u2028",
    ),
    fc.constantFrom(
      "\u202e",
      "\u2066",
      "\x7f",
      "\0",
      "\ud800",
      "\udc00",
      "\ufeff",
      "\t",
      "é",
      "😀",
    ),
    fc.string({ unit: "binary", maxLength: 3 }),
  ),
).map((parts) => parts.join(""));

/** What steers terminals, ends lines or turns text, told apart by what Unicode says of it. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\ufeff]/u;

Deno.test("printable() returns one line without control characters", () => {
  fc.assert(fc.property(hostile, (text) => {
    assert.doesNotMatch(printable(text).replaceAll("\t", ""), UNSAFE);
  }));
  assert.equal(printable("a\nb\r\x1b[2J\u202ec\ud800"), "a\\nb\\x0d\\x1b[2J\\u202ec\ufffd");
  assert.equal(printable("Gerät 😀\t5 µs"), "Gerät 😀\t5 µs");
});

Deno.test("printableLines() marks all lines except the first as continued", () => {
  fc.assert(fc.property(hostile, (text) => {
    const [first = "", ...others] = printableLines(text).split("\n");
    for (const line of [first, ...others]) assert.doesNotMatch(line.replaceAll("\t", ""), UNSAFE);
    assert.ok(others.every((line) => line.startsWith("  | ")));
  }));
  assert.equal(printableLines("one\r\ntwo\n2026-01-01T"), "one\n  | two\n  | 2026-01-01T");
  assert.equal(printableDocument("a:\n  b\x1b"), "a:\n  b\\x1b");
});

Deno.test("printableOutput() keeps colours and line ends, but no other controls", () => {
  fc.assert(fc.property(hostile, (text) => {
    // deno-lint-ignore no-control-regex
    const rest = printableOutput(text).replace(/\x1b\[[\d;:]*m|\x1b\[[012]?K/g, "");
    assert.doesNotMatch(rest.replace(/[\t\n]/g, ""), UNSAFE);
  }));
  const colored = "\x1b[01;31m\x1b[Kerror\x1b[m\x1b[K";
  assert.equal(printableOutput(colored), colored);
  assert.equal(withoutColors(colored), "error");
  assert.equal(printableOutput("\x1b[2J\x1b\x1b[31m[2J"), "\\x1b[2J\\x1b\x1b[31m[2J");
  assert.equal(printable(withoutColors("\x1b\x1b[31m[2J")), "\\x1b[2J");
});

Deno.test("printableJson() returns JSON of the same value without control characters", () => {
  fc.assert(fc.property(hostile, (text) => {
    const json = printableJson({ text });
    assert.doesNotMatch(json, UNSAFE);
    assert.equal(JSON.parse(json).text, text);
  }));
});
