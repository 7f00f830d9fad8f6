import assert from "node:assert/strict";
import { sleep } from "../base/sleep.ts";
import type { StateListener } from "../exporter/store.ts";
import { restWhenQuiet } from "./rest.ts";

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

Deno.test("restWhenQuiet() rests once after the start and once after changes, not among them", async () => {
  let rests = 0;
  const [one, two] = [changing(), changing()];
  {
    using _resting = restWhenQuiet([one, two], () => void (rests += 1), 200);
    await sleep(400);
    assert.equal(rests, 1);
    for (let turn = 0; turn < 10; turn++) {
      (turn % 2 ? one : two).change();
      await sleep(20);
    }
    assert.equal(rests, 1);
    await sleep(400);
    assert.equal(rests, 2);
    one.change();
  }
  await sleep(300);
  assert.equal(rests, 2);
});
