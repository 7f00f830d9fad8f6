import assert from "node:assert/strict";
import { Code } from "../wire/code.ts";
import { SleepGroup } from "../base/sleep.ts";
import { rivalWarning } from "./rival.ts";
import { type RetryOptions, stayOpen, untilDone } from "./retry.ts";

/** Enough for waits to grow from a millisecond to half a second, or on to minutes. */
const FAILURES = 9;

const QUIET: Omit<RetryOptions, "signal"> = {
  target: {
    peer: "controller",
    endpoint: "127.0.0.1:1",
    tls: { insecure: true },
    channelOptions: {},
    method: "X",
  },
  log: { info() {}, warning() {} },
};

Deno.test("untilDone() resets its wait when a peer answers after an outage", async () => {
  const outage = Array.from({ length: FAILURES }, () => Code.UNAVAILABLE);
  const refusals = Array.from({ length: FAILURES }, () => Code.UNKNOWN);
  const codes = [...outage, ...refusals];
  const call = () => {
    const code = codes.shift();
    return code === undefined ? Promise.resolve("done") : Promise.reject({ code, details: "" });
  };
  // Without a new start the waits would go on growing, to several minutes in all.
  const result = await untilDone(call, {
    ...QUIET,
    signal: AbortSignal.timeout(60_000),
    initialMs: 1,
    maxMs: 3_600_000,
  });
  assert.equal(result, "done");
});

/** A stream with these messages that then ends at once, well or badly. */
async function* ending(messages: string[], details?: string): AsyncGenerator<string> {
  yield* messages;
  if (details !== undefined) await Promise.reject({ code: Code.UNKNOWN, details });
}

const ENDS: Record<string, () => AsyncGenerator<string>> = {
  "with OK": () => ending([]),
  "with OK after a message": () => ending(["hello"]),
  "with an error": () => ending([], "last seen time mismatch"),
  "with an error after a message": () => ending(["hello"], "watch channel closed"),
};

for (const [how, open] of Object.entries(ENDS)) {
  Deno.test(`stayOpen() waits between streams if the peer ends each ${how}`, async () => {
    const signal = AbortSignal.timeout(1_200);
    let opened = 0;
    const count = () => {
      opened += 1;
      return open();
    };
    for await (const _message of stayOpen(count, { ...QUIET, signal }));
    // Each rests for a quarter of a second at least.
    assert.ok(opened <= 5, `opened ${opened} times`);
  });
}

Deno.test("stayOpen() counts streams that end early, and doubles the wait between them", async () => {
  const counts: number[] = [];
  const times: number[] = [];
  const signal = AbortSignal.timeout(4_000);
  const open = () => {
    times.push(performance.now());
    return ending(["hello"]);
  };
  const onEarlyEnd = (count: number) => void counts.push(count);
  for await (const _message of stayOpen(open, { ...QUIET, signal, onEarlyEnd }));
  assert.deepEqual(counts, times.map((_, index) => index + 1));
  assert.ok(times.length > 1 && times.length <= 4, `${times.length} streams`);
  for (const [index, time] of times.slice(1).entries()) {
    assert.ok(time - times[index]! > 490 * 2 ** index, `${times}`);
  }
});

Deno.test("untilDone() retries at once when its waits are woken", async () => {
  const waits = new SleepGroup();
  let calls = 0;
  const done = untilDone(
    () => ++calls === 1 ? Promise.reject({ code: Code.UNKNOWN, details: "" }) : Promise.resolve(7),
    { ...QUIET, signal: AbortSignal.timeout(60_000), initialMs: 50_000, waits },
  );
  const timer = setInterval(() => waits.wake(), 20);
  assert.equal(await done, 7);
  clearInterval(timer);
});

Deno.test("untilDone() retries at once when the clock of the host is set", async () => {
  let [calls, jump] = [0, 0];
  const call = () => {
    calls += 1;
    if (jump !== 0) return Promise.resolve(7);
    setTimeout(() => jump = 40 * 365 * 86_400_000, 100);
    return Promise.reject({ code: Code.UNAVAILABLE, details: "" });
  };
  const now = () => Date.now() + jump;
  const signal = AbortSignal.timeout(60_000);
  assert.equal(
    await untilDone(call, { ...QUIET, signal, initialMs: 3_600_000, maxMs: 3_600_000, now }),
    7,
  );
  assert.equal(calls, 2);
});

Deno.test("rivalWarning() warns at the third early end in a row, and then rarely", () => {
  const identity = { namespace: "lab", name: "demo" };
  const displaced = { method: "Listen", endpoint: "c:1", identity };
  const counts = Array.from({ length: 61 }, (_, index) => index + 1);
  const spoken = counts.filter((count) => rivalWarning(displaced, count) !== undefined);
  assert.deepEqual(spoken, [3, 30, 60]);
  assert.match(rivalWarning(displaced, 3)!, /^controller c:1: .*Listen 3 times.*name lab\/demo;/);
});

Deno.test("untilDone() stops diagnosing a failure when its signal aborts", async () => {
  // It accepts connections and says nothing, which takes 5 s to find out.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpoint = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const start = Date.now();
  await untilDone(() => Promise.reject({ code: Code.UNAVAILABLE, details: "" }), {
    target: { ...QUIET.target, endpoint },
    log: QUIET.log,
    signal: AbortSignal.timeout(100),
  });
  assert.ok(Date.now() - start < 4_000);
});
