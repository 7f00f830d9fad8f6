import assert from "node:assert/strict";
import { Turns } from "./turns.ts";

/** A clock and an event loop that go on when the test says so. */
function world() {
  let time = 0;
  const rounds: (() => void)[] = [];
  const turns = new Turns(() => time, (run) => rounds.push(run));
  return {
    turns,
    pass: (ms: number) => void (time += ms),
    async round() {
      for (const run of rounds.splice(0)) run();
      // What was let go does its steps before the next round.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

Deno.test("between two rounds of the event loop one compression works, for a bounded time", async () => {
  const { turns, pass, round } = world();
  const steps: string[] = [];
  const work = async (name: string) => {
    const turn = turns.join();
    for (let step = 0; step < 6; step++) {
      await turn();
      steps.push(name);
      pass(1.5);
    }
  };
  const all = Promise.all([work("a"), work("b"), work("c")]);
  const heard: string[] = [];
  for (let index = 0; index < 6; index++) {
    steps.length = 0;
    await round();
    heard.push(steps.join(""));
  }
  // Three steps of 1.5 ms each: the third one begins within the share of 4 ms.
  assert.deepEqual(heard, ["aaa", "bbb", "ccc", "aaa", "bbb", "ccc"]);
  await all;
});

Deno.test("one that waits for something else holds nobody up", async () => {
  const { turns, round } = world();
  const first = turns.join();
  const second = turns.join();
  const began = first();
  await round();
  await began;
  let reached = false;
  second().then(() => reached = true);
  await round();
  assert.equal(reached, true);
});
