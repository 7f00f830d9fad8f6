/** Files that are no UTF-8 text. */
import assert from "node:assert/strict";
import { decodeText, Undecodable } from "./encoding.ts";

const TEXT = "kind: ExporterConfig\nmotd: Ger\u00e4t\n";

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  [...text].forEach((char, index) => view.setUint16(2 * index, char.charCodeAt(0), littleEndian));
  return new Uint8Array(view.buffer);
}

const CASES: readonly [name: string, bytes: Uint8Array, reason: string][] = [
  ["UTF-16", utf16(`\ufeff${TEXT}`, true), "it is UTF-16 text; save it as UTF-8"],
  ["UTF-16BE", utf16(`\ufeff${TEXT}`, false), "it is UTF-16 text; save it as UTF-8"],
  ["UTF-16 without its mark", utf16(TEXT, true), "it is UTF-16 text; save it as UTF-8"],
  [
    "Latin-1",
    Uint8Array.from(TEXT, (char) => char.charCodeAt(0)),
    "it is not UTF-8 text: the byte 0xE4 in line 2, column 10 is invalid (it would be '\u00e4' in " +
    "Latin-1 or Windows-1252); save it as UTF-8",
  ],
  [
    "a file that is cut off",
    new TextEncoder().encode("motd: \u00e4").subarray(0, 7),
    "it is not UTF-8 text: the byte 0xC3 in line 1, column 7 is invalid (the file may be cut " +
    "off); save it as UTF-8",
  ],
  ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), "it is a gzip file; unpack it"],
  ["a program", Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2), "it is a program (ELF)"],
];

for (const [name, bytes, reason] of CASES) {
  Deno.test(`decodeText() names ${name}`, () => {
    assert.throws(() => decodeText(bytes), new Undecodable(reason));
  });
}

Deno.test("decodeText() takes UTF-8 with and without its mark", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  assert.equal(decodeText(encode(TEXT)), TEXT);
  assert.equal(decodeText(encode(`\ufeff${TEXT}`)), TEXT);
  assert.equal(decodeText(new Uint8Array()), "");
  assert.equal(decodeText(new Uint8Array(500)), "\0".repeat(500));
});
