import assert from "node:assert/strict";
import { Scheduler } from "./scheduler.ts";

/** A clock and an event loop that the test drives. */
function world() {
  let time = 0;
  const rounds: (() => void)[] = [];
  const scheduler = new Scheduler(() => time, (run) => rounds.push(run));
  return {
    scheduler,
    pass: (ms: number) => void (time += ms),
    async round() {
      for (const run of rounds.splice(0)) run();
      // A task that was resumed does its steps before the next round.
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
}

Deno.test("Scheduler lets one compression per round of the event loop work, for a limited time", async () => {
  const { scheduler, pass, round } = world();
  const steps: string[] = [];
  const work = async (name: string) => {
    const yieldPoint = scheduler.join();
    for (let step = 0; step < 6; step++) {
      await yieldPoint();
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

Deno.test("Scheduler does not wait for a member that is not working", async () => {
  const { scheduler, round } = world();
  const first = scheduler.join();
  const second = scheduler.join();
  const began = first();
  await round();
  await began;
  let reached = false;
  second().then(() => reached = true);
  await round();
  assert.equal(reached, true);
});
