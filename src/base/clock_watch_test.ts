import assert from "node:assert/strict";
import { ClockWatch } from "./clock_watch.ts";
import { sleep } from "./sleep.ts";

Deno.test("ClockWatch notices a clock that is set forwards or backwards", async () => {
  for (const years of [50, -50]) {
    let jump = 0;
    using watch = new ClockWatch(() => Date.now() + jump);
    jump = years * 365 * 86_400_000;
    await sleep(60_000, watch.signal);
    assert.equal(watch.signal.aborted, true);
  }
});

Deno.test("ClockWatch ignores a clock that is corrected while it runs", async () => {
  let slew = 0;
  using watch = new ClockWatch(() => Date.now() + slew);
  slew = 900;
  await sleep(1_200, watch.signal);
  assert.equal(watch.signal.aborted, false);
});
