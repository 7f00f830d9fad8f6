import assert from "node:assert/strict";
import { mockPower, syncMockPower } from "./mock.ts";
import { callContext } from "../../src/driver/testing.ts";

Deno.test("the mocks log what they are told and give two readings", async () => {
  for (const factory of [mockPower, syncMockPower]) {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const { signal } = new AbortController();
    await using scope = new AsyncDisposableStack();
    const driver = await factory.open({
      config: factory.config.parse({}),
      path: "power",
      log: { debug: say, info: say, warning: say, error: say },
      scope,
      signal,
      children: new Map(),
    });
    await driver.calls!["on"]!([], callContext(signal));
    await driver.calls!["off"]!([], callContext(signal));
    assert.deepEqual(lines, ["power on", "power off"]);
    const readings = await Array.fromAsync(driver.streams!["read"]!([], { signal }));
    assert.deepEqual(readings, [{ voltage: 0, current: 0 }, { voltage: 5, current: 2 }]);
  }
});
