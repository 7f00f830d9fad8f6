import assert from "node:assert/strict";
import { openDriver } from "../../src/tree/testing.ts";
import { mockPower, syncMockPower } from "./manifest.ts";

Deno.test("the mocks log each command and yield two readings", async () => {
  for (const manifest of [mockPower, syncMockPower]) {
    await using power = await openDriver(manifest);
    await power.call("on");
    await power.call("off");
    assert.deepEqual(power.logged, ["info: power on", "info: power off"]);
    const readings = await power.stream("read");
    assert.deepEqual(readings, [{ voltage: 0, current: 0 }, { voltage: 5, current: 2 }]);
  }
});
