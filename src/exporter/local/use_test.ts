/** How long drivers stay open for processes of the host. */
import assert from "node:assert/strict";
import { until } from "../../../tests/until.ts";
import { Log } from "../../log/log.ts";
import type { LeaseSession } from "../lease_session.ts";
import { LocalUse } from "./use.ts";

/** Sessions that note their life; closing one waits for `gate`. */
function use(lingerMs: number) {
  const notes: string[] = [];
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const open = () => {
    const number = ++count;
    notes.push(`open ${number}`);
    return {
      session: { status: { set() {} } },
      async [Symbol.asyncDispose]() {
        await gate.promise;
        notes.push(`closed ${number}`);
      },
    } as unknown as LeaseSession;
  };
  return { notes, gate, use: new LocalUse({ open, log: new Log(), lingerMs }) };
}

Deno.test("LocalUse closes the drivers a while after the last visitor has left", async () => {
  const { use: local, notes, gate } = use(50);
  gate.resolve();
  const first = local.enter("pi");
  const second = local.enter("pi");
  first[Symbol.dispose]();
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.deepEqual(notes, ["open 1"], "a visitor is there");
  second[Symbol.dispose]();
  local.enter("pi")[Symbol.dispose]();
  assert.deepEqual(notes, ["open 1"], "the next visitor came soon enough");
  await until(() => notes.includes("closed 1"));
  using _third = local.enter("pi");
  assert.deepEqual(notes, ["open 1", "closed 1", "open 2"]);
  await local[Symbol.asyncDispose]();
});

Deno.test("LocalUse ends once, however often it is told to, and tells when it has", async () => {
  const { use: local, notes, gate } = use(60_000);
  assert.equal(local.end("nothing is open"), undefined);
  const visit = local.enter("pi");
  const ended = local.end("a lease");
  assert.ok(ended);
  assert.equal(local.end("another lease"), ended);
  assert.equal(local.closing, ended);
  visit[Symbol.dispose]();
  gate.resolve();
  await ended;
  assert.equal(local.closing, undefined);
  await local[Symbol.asyncDispose]();
  assert.deepEqual(notes, ["open 1", "closed 1"]);
});
