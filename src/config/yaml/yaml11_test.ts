import assert from "node:assert/strict";
import { readYaml11 } from "./yaml11.ts";

/** As measured with PyYAML 6. */
const READINGS: [text: string, value: unknown][] = [
  ["yes", true],
  ["Off", false],
  ["y", "y"],
  ["yEs", "yEs"],
  ["~", null],
  ["010", 8],
  ["-010", -8],
  ["08", "08"],
  ["0o10", "0o10"],
  ["0b1_0", 2],
  ["0x1_F", 31],
  ["1_000", 1000],
  ["1:30", 90],
  ["01:30", "01:30"],
  ["12:34:56", 45296],
  ["1e5", "1e5"],
  ["1.5e3", "1.5e3"],
  ["1.5e+3", 1500],
  ["1:30.5", 90.5],
  ["-.Inf", -Infinity],
  [".nan", NaN],
  ["2026-01-31", undefined],
  ["2026-1-31", "2026-1-31"],
  ["10.0.0.1", "10.0.0.1"],
];

Deno.test("readYaml11() reads scalars as PyYAML does", () => {
  for (const [text, value] of READINGS) assert.equal(readYaml11(text).value, value, text);
});

Deno.test("readYaml11() names long numbers exactly", () => {
  for (const text of ["90071992547409931234", "-90071992547409931234", "12"]) {
    assert.equal(readYaml11(text).words, `the number ${text}`);
  }
});
