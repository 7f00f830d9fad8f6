import assert from "node:assert/strict";
import { watchAnswers } from "./answers.ts";

Deno.test("watchAnswers() tells when a process falls silent, and when it answers again", async () => {
  const over = new AbortController();
  const told: boolean[] = [];
  const late = Promise.withResolvers<void>();
  let asked = 0;
  const watching = watchAnswers({
    signal: over.signal,
    everyMs: 5,
    ask() {
      asked += 1;
      if (asked === 2) return late.promise;
      return asked === 4 ? Promise.reject(new Error("refused")) : Promise.resolve();
    },
    onSilence(isSilent) {
      told.push(isSilent);
      if (isSilent) late.resolve();
    },
  });
  while (asked < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  over.abort();
  await watching;
  assert.deepEqual(told, [true, false]);
});
