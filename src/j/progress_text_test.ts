/** The texts of a progress, for any size of file and terminal. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { progressBar, progressReport, type Transferred, transferReport } from "./progress_text.ts";

const HALF: Transferred = {
  label: "sd.img",
  bytes: 461e6,
  total: 1024e6,
  seconds: 5.4,
  rate: 85.3e6,
};

const transferred: fc.Arbitrary<Transferred> = fc.record({
  label: fc.string({ unit: "grapheme", maxLength: 60 }),
  bytes: fc.nat({ max: 2 ** 50 }),
  total: fc.option(fc.nat({ max: 2 ** 50 }), { nil: undefined }),
  seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
  rate: fc.double({ min: 0, max: 1e12, noNaN: true }),
});

/** Columns, as terminals count them: wide characters and emoji take two. */
function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, char) => sum + (char.codePointAt(0)! < 0x300 ? 1 : 2), 0);
}

Deno.test("progressBar() shows what fits, the most important last to go", () => {
  const lines: [number, string][] = [
    [
      120,
      "sd.img   45%  [############................]   461.0 of 1024.0 MB   85.3 MB/s  0:07 left",
    ],
    [80, "sd.img   45%  [########...........]   461.0 of 1024.0 MB   85.3 MB/s  0:07 left"],
    [60, "sd.img   45%   461.0 of 1024.0 MB   85.3 MB/s  0:07 left"],
    [40, " 45%   461.0 of 1024.0 MB   85.3 MB/s"],
    [30, " 45%   461.0 of 1024.0 MB"],
    [20, " 45%  [####.......]"],
    [10, " 45%"],
    [4, ""],
  ];
  for (const [columns, line] of lines) {
    assert.equal(progressBar(HALF, columns), line, `${columns} columns`);
  }
});

Deno.test("progressBar() keeps the end of a long name, and room for the bar", () => {
  const label = "a-very-long-name-2026-11-30.raw.img";
  assert.equal(
    progressBar({ ...HALF, label }, 80),
    "...11-30.raw.img   45%  [####.....]   461.0 of 1024.0 MB   85.3 MB/s  0:07 left",
  );
});

Deno.test("progressBar() fits into every terminal, and steers none", () => {
  fc.assert(fc.property(transferred, fc.integer({ min: 1, max: 300 }), (state, columns) => {
    const line = progressBar(state, columns);
    assert.ok(columnsOf(line) < Math.max(columns, 1), JSON.stringify([columns, line]));
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
  }));
});

Deno.test("progressBar() fills its bar exactly when all bytes have passed", () => {
  fc.assert(fc.property(transferred, (state) => {
    const bar = /\[(#*)(\.*)\]/.exec(progressBar({ ...state, label: "x" }, 200));
    if (state.total === undefined) return assert.equal(bar, null);
    assert.equal(bar![2] === "", state.bytes >= state.total, bar![0]);
  }));
});

Deno.test("progressReport() and transferReport() tell the same in words", () => {
  assert.equal(progressReport(HALF), "sd.img: 461.0 of 1024.0 MB (45%), 85.3 MB/s, 0:07 left");
  const unknown = { ...HALF, total: undefined };
  assert.equal(progressReport(unknown), "sd.img: 461.0 MB, 85.3 MB/s");
  const stalled = { ...HALF, rate: 0 };
  assert.equal(progressReport(stalled), "sd.img: 461.0 of 1024.0 MB (45%), 0.0 MB/s, -:-- left");
  const whole = { ...HALF, bytes: 1024e6 };
  assert.equal(
    progressReport(whole),
    "sd.img: 1024.0 of 1024.0 MB (100%), 85.3 MB/s, finishing",
  );
  assert.equal(transferReport(whole), "sd.img: 1024.0 MB in 0:05, 189.6 MB/s");
  assert.equal(
    transferReport({ ...whole, seconds: 3_723 }),
    "sd.img: 1024.0 MB in 1:02:03, 0.3 MB/s",
  );
});
