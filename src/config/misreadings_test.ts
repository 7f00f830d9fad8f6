/** Characters that look like others: each is named, with its place and what to do. */
import assert from "node:assert/strict";
import { requireController } from "./controller_requirements.ts";
import { HEAD, parse, POWER, said } from "./testing.ts";

const NO_BREAK = "found U+00A0 NO-BREAK SPACE, which is no blank for YAML; replace it by a space";
const ZERO_WIDTH = "found U+200B ZERO WIDTH SPACE, which is invisible; delete it";
const BOM = "found U+FEFF BYTE ORDER MARK, which is invisible; delete it";
const QUOTE =
  'found U+201C LEFT DOUBLE QUOTATION MARK, which is no quote for YAML; replace it by "';
const JOINED = (key: string) => `expected a space after '${key}:', found none; write '${key}: …'`;
const DAMAGED =
  ": the file was probably damaged when the power failed while it was saved; restore " +
  "it from a copy, or delete these characters";
const TAB =
  "found a tab (U+0009), at which the official exporter refuses the file; replace it by a " +
  "space";

/** Texts after {@linkcode HEAD}, and all that is said about them. The drivers begin in line 4. */
const CASES: readonly [name: string, text: string, said: readonly string[]][] = [
  [
    "a no-break space as indentation",
    POWER.replace("    type", "\u00a0   type"),
    [
      "5:3: error: export.power: expected 'type:', 'children:' or 'ref:' below 'power:', found " +
      "nothing; indent the driver's keys below it",
      `6:1: error: ${NO_BREAK}`,
    ],
  ],
  ["one before a key", `\u00a0${POWER}`, [`4:1: error: ${NO_BREAK}`]],
  ["one after a colon", POWER.replace("power:", "power:\u00a0"), [`5:9: error: ${NO_BREAK}`]],
  ["one before a quote", `motd:\u00a0"hello"\n${POWER}`, [`4:6: error: ${NO_BREAK}`]],
  ["one after a value", POWER.replace(/\n$/, "\u00a0\n"), [`6:51: error: ${NO_BREAK}`]],
  ["one in prose", `motd: 5\u00a0ms\n${POWER}`, []],
  ["a zero-width space before a key", POWER.replace("type", "\u200btype"), [
    `6:5: error: ${ZERO_WIDTH}`,
  ]],
  ["one after a key", POWER.replace("type", "type\u200b"), [`6:9: error: ${ZERO_WIDTH}`]],
  ["one in a value", POWER.replace("Mock", "Mock\u200b"), [`6:47: error: ${ZERO_WIDTH}`]],
  ["a byte order mark inside", `\ufeff${POWER}`, [`4:1: error: ${BOM}`]],
  ["a quote of a word processor", POWER.replace(/type: (.*)/, "type: \u201c$1\u201d"), [
    `6:11: error: ${QUOTE}`,
  ]],
  ["one around a colon", `motd: \u201cOnly: me\u201d\n${POWER}`, [`4:7: error: ${QUOTE}`]],
  ["a wide colon", `motd\uff1a hello\n${POWER}`, [
    "4:5: error: found U+FF1A FULLWIDTH COLON, which is no colon for YAML; replace it by ': '",
  ]],
  ["an escape", `motd: a\x1b[0m\n${POWER}`, [
    "4:8: error: found the control character U+001B, which YAML does not allow; delete it",
  ]],
  ["NULs at the end", `${POWER}\0\0\0`, [`7:1: error: found 3 NUL characters (U+0000)${DAMAGED}`]],
  ["NULs in a quote", 'motd: "a\0\0', [`4:9: error: found 2 NUL characters (U+0000)${DAMAGED}`]],
  ["a colon before a quote", `motd:"hello"\n${POWER}`, [`4:6: error: ${JOINED("motd")}`]],
  ["a colon before a bracket", "export:\n  power:{type: a.B}\n", [
    `5:9: error: ${JOINED("power")}`,
  ]],
  ["one before many lines", "export:\n  power:{\n    type: a.B}\n", [
    `5:9: error: ${JOINED("power")}`,
  ]],
  ["one inside brackets", 'export:\n  power: {type:"a.B"}\n', [`5:16: error: ${JOINED("type")}`]],
  ["a tab after a colon", POWER.replace("type: ", "type:\t"), [`6:10: warning: ${TAB}`]],
  ["a tab at the end", POWER.replace(/\n$/, "\t\n"), [`6:51: warning: ${TAB}`]],
  ["an equals sign", `motd = hello\n${POWER}`, [
    "4:6: error: expected a colon after 'motd', found '='; write 'motd: …'",
  ]],
  ["a conflict", `<<<<<<< HEAD\n${POWER}=======\n>>>>>>> b\n`, [
    "4:1: error: found the conflict marker <<<<<<< of a version control system; keep one of the " +
    "versions and delete the markers",
  ]],
  ["a file that is cut off in a key", `${POWER}    conf`, [
    "7:5: error: expected 'key: value', found 'conf' without a colon at the end of the file, " +
    "which may be cut off; complete it",
  ]],
  ["one that is cut off in brackets", `${POWER}    config: {uuid: x, la`, [
    "7:13: error: expected the quote or bracket that opens here to be closed, found the end of " +
    "the text; add the closing one",
  ]],
  ["a bracket that is not closed", "export:\n  a: {type: a.B\n  b: {type: a.B}\n", [
    "5:6: error: expected the quote or bracket that opens here to be closed, found the end of " +
    "the text; add the closing one",
  ]],
  ["a quote of a key that is not closed", `"motd: a\n${POWER}`, [
    "4:1: error: expected the quote that opens here to be closed before the colon, found none in " +
    'this line; add ", or delete this one',
  ]],
  ["a joiner", POWER.replace("power", "po\u200dwer"), [
    "5:5: error: found U+200D ZERO WIDTH JOINER, which is invisible; delete it",
  ]],
  ["a joiner of an emoji", POWER.replace("power", "\u{1f468}\u200d\u{1f469}"), []],
  ["text after a quote", `motd: 'it's'\n${POWER}`, [
    "4:11: error: expected the value to end with its ', found more text after it in 'motd: …'; " +
    "write '' for each ' in it",
  ]],
];

for (const [name, text, expected] of CASES) {
  Deno.test(`parseConfig() names ${name}`, async () => {
    assert.deepEqual(await said(HEAD + text), expected);
  });
}

Deno.test("parseConfig() starts with lookalikes with which the official exporter starts", async () => {
  for (const text of [POWER.replace("type", "type\u200b"), `\u00a0${POWER}`, `\ufeff${POWER}`]) {
    const { config } = await parse(HEAD + text);
    assert.ok(config, text);
    assert.deepEqual(requireController(config), []);
  }
});

Deno.test("parseConfig() takes the line ends of YAML 1.1", async () => {
  const text = HEAD + POWER;
  for (const end of ["\r\n", "\r", "\u0085", "\u2028", "\u2029"]) {
    assert.deepEqual(await said(text.replaceAll("\n", end)), [], JSON.stringify(end));
  }
});

Deno.test("parseConfig() names a file of NULs", async () => {
  assert.deepEqual(await said("\0".repeat(500)), [
    `1:1: error: found nothing but 500 NUL characters (U+0000)${DAMAGED}`,
  ]);
});

Deno.test("parseConfig() tells clients of the character that makes a driver degraded", async () => {
  const { config } = await parse(HEAD + POWER.replace("type", "type\u200b"));
  const [node] = config!.tree.root.children;
  assert.ok(node?.kind === "driver" && "unavailable" in node.source);
  assert.equal(
    node.source.unavailable.message,
    `its config has an error in line 6: ${ZERO_WIDTH}`,
  );
});
