import assert from "node:assert/strict";
import { RemoteStepper, workerCount } from "./remote_stepper.ts";

/** The niceness of each thread of this process: the 19th field of proc(5)'s stat. */
function niceness(): number[] {
  return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) => {
    try {
      const stat = Deno.readTextFileSync(`/proc/self/task/${name}/stat`);
      return [Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[16])];
    } catch {
      // It has ended since the folder was read.
      return [];
    }
  });
}

Deno.test("RemoteStepper shares four workers of low priority", async () => {
  const usual = niceness().filter((value) => value === 0).length;
  const steppers = await Promise.all(
    Array.from({ length: 10 }, () => RemoteStepper.start("bzip2 decoder")),
  );
  assert.equal(workerCount(), 4);
  assert.ok(niceness().filter((value) => value === 5).length >= 4);
  assert.ok(niceness().filter((value) => value === 0).length >= Math.min(usual, 1));
  for (const stepper of steppers.slice(0, 6)) stepper[Symbol.dispose]();
  // The others work on, wherever they are.
  for (const stepper of steppers.slice(6)) {
    await assert.rejects(stepper.ask({ op: "finish" }), {
      message: "unexpected end of the data",
    });
    stepper[Symbol.dispose]();
  }
  assert.equal(workerCount(), 0);
  await assert.rejects(steppers[0]!.ask({ op: "pull" }), { message: "its worker was stopped" });
});

Deno.test("RemoteStepper isolates a failed stepper from the others of its worker", async () => {
  const started = () => RemoteStepper.start("xz encoder");
  const encoders = await Promise.all(Array.from({ length: 8 }, started));
  const failing = await RemoteStepper.start("xz decoder");
  const bytes = new TextEncoder().encode("no such thing");
  await assert.rejects(
    failing.ask({ op: "push", bytes }).then(() => failing.ask({ op: "finish" })),
    Error,
  );
  for (const encoder of encoders) {
    assert.deepEqual(await encoder.ask({ op: "push", bytes: new Uint8Array(10) }), {});
    const { bytes: encoded } = await encoder.ask({ op: "finish" });
    assert.ok(encoded!.length > 0);
  }
  for (const stepper of [failing, ...encoders]) stepper[Symbol.dispose]();
  assert.equal(workerCount(), 0);
});
