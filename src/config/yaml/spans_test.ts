import assert from "node:assert/strict";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { indentSpans } from "./spans.ts";

/** The value of a text, once its spans are indented. */
function read(text: string): unknown {
  const document = parseDocument(indentSpans(text).text);
  assert.deepEqual(document.errors.map(({ message }) => message), [], text);
  return document.toJS();
}

Deno.test("indentSpans() indents brackets and quotes that are closed further left", () => {
  const cases: [text: string, value: unknown][] = [
    ["a:\n  b: {\n    c: 1\n}\nd: 2", { a: { b: { c: 1 } }, d: 2 }],
    ["a:\n  b: {\nc: [\n1, # one }\n2\n],\n}\nd: 2", { a: { b: { c: [1, 2] } }, d: 2 }],
    ["a: [\n'it''s ]',\nit's,\n\"\\\"]\"\n]", { a: ["it's ]", "it's", '"]'] }],
    ['a: "b\nc"\nd: 1', { a: "b c", d: 1 }],
    ["a: 'b\n\nc'\nd: 1", { a: "b\nc", d: 1 }],
    ["- a: &x {\nb: 1}\n- !!map {\nc: 2\n}", [{ a: { b: 1 } }, { c: 2 }]],
    ["\"a\": {\n}\n'b': [\n]", { a: {}, b: [] }],
  ];
  for (const [text, value] of cases) assert.deepEqual(read(text), value);
});

Deno.test("indentSpans() tells by how much it moved which lines", () => {
  const { text, shifts } = indentSpans("a:\n  b: {\n    c: 1,\n d: 2\n}\n");
  assert.equal(text, "a:\n  b: {\n    c: 1,\n      d: 2\n      }\n");
  assert.deepEqual([...shifts], [[4, 5], [5, 6]]);
});

Deno.test("indentSpans() leaves other brackets and quotes alone", () => {
  const texts = [
    "a: b {\nc: it's\nd: 1",
    "a: |\n  {\n\n  [\nb: >-\n  '\nc: 1",
    "# {\na: 1 # '\nb: 2",
    "a: b:[\nc: http://x/{y\nd: 1",
    "a: {\nb",
    "a: '",
  ];
  for (const text of texts) assert.equal(indentSpans(text).text, text);
});

Deno.test("indentSpans() changes no value of a document without errors", () => {
  const scalar = fc.oneof(
    fc.string({ maxLength: 12, unit: fc.constantFrom(..."ab '\"{}[],:#-?&!|>\n") }),
    fc.integer(),
    fc.constant(null),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, scalar, tie("list"), tie("map")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    map: fc.dictionary(fc.constantFrom("a", "b", "it's", "x: y", "{z"), tie("value"), {
      maxKeys: 3,
    }),
  }));
  const property = fc.property(value, fc.boolean(), (value, flow) => {
    const document = parseDocument("");
    document.contents = document.createNode({ top: value }, { flow }) as never;
    const text = document.toString({ lineWidth: 20 });
    assert.deepEqual(parseDocument(indentSpans(text).text).toJS(), parseDocument(text).toJS());
  });
  fc.assert(property, { numRuns: 500 });
});
