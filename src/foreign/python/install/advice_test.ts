import assert from "node:assert/strict";
import { adviceFor } from "./advice.ts";

Deno.test("adviceFor() says what to do about what pip says", () => {
  const cases: [string[], RegExp | undefined][] = [
    // Without network pip says both.
    [
      ["WARNING: Retrying after NewConnectionError", "ERROR: No matching distribution found for x"],
      /cannot reach the index; see --proxy/,
    ],
    [["ERROR: No matching distribution found for x==1"], /no such package or version/],
    [["error: command '/usr/bin/gcc' failed with exit code 1"], /build-essential python3-dev/],
    [["fatal error: Python.h: No such file or directory"], /build-essential python3-dev/],
    [["OSError: [Errno 28] No space left on device"], /the disk is full/],
    [["error: externally-managed-environment"], /use a virtual environment/],
    [["ERROR: ResolutionImpossible: for help visit"], /exclude each other/],
    [["something else"], undefined],
  ];
  for (const [lines, expected] of cases) {
    const advice = adviceFor(lines);
    if (expected) assert.match(advice ?? "", expected);
    else assert.equal(advice, undefined);
  }
});
