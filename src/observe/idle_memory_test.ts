import assert from "node:assert/strict";
import { sleep } from "../base/sleep.ts";
import { until } from "../../tests/until.ts";
import type { StateListener } from "../exporter/store.ts";
import { releaseMemoryWhenIdle } from "./idle_memory.ts";

const QUIET_MS = 200;

/** A store that tells changes when the test says so. */
function changing() {
  const listeners = new Set<StateListener>();
  return {
    change: () => listeners.forEach((listener) => listener({} as never, {} as never)),
    subscribe(listener: StateListener): Disposable {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };
}

Deno.test("releaseMemoryWhenIdle() releases once after the start and once after changes, not among them", async () => {
  let released = 0;
  const [one, two] = [changing(), changing()];
  {
    using _idle = releaseMemoryWhenIdle([one, two], () => void (released += 1), QUIET_MS);
    await until(() => released === 1);
    for (let turn = 0; turn < 10; turn++) {
      (turn % 2 ? one : two).change();
      // Yields to timers that are due.
      await sleep(0);
    }
    assert.equal(released, 1);
    await until(() => released === 2);
    one.change();
  }
  await sleep(2 * QUIET_MS);
  assert.equal(released, 2);
});
