import assert from "node:assert/strict";
import { Code } from "../wire/code.ts";
import { untilDone } from "./retry.ts";

/** Enough for waits to grow from a millisecond to half a second, or on to minutes. */
const FAILURES = 9;

Deno.test("untilDone() asks a peer that answers after an outage as often as at first", async () => {
  const outage = Array.from({ length: FAILURES }, () => Code.UNAVAILABLE);
  const refusals = Array.from({ length: FAILURES }, () => Code.UNKNOWN);
  const codes = [...outage, ...refusals];
  const call = () => {
    const code = codes.shift();
    return code === undefined ? Promise.resolve("done") : Promise.reject({ code, details: "" });
  };
  // Without a new start the waits would go on growing, to several minutes in all.
  const result = await untilDone(call, {
    attempt: { peer: "controller", endpoint: "127.0.0.1:1", tls: { insecure: true }, method: "X" },
    log: { info() {}, warning() {} },
    signal: AbortSignal.timeout(60_000),
    initialMs: 1,
    maxMs: 3_600_000,
  });
  assert.equal(result, "done");
});
