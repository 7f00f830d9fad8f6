/** The short form of every fault run. */
import assert from "node:assert/strict";
import { Bench } from "./fault.ts";
import { faults } from "./list.ts";

for (const fault of faults) {
  Deno.test(`an exporter recovers from the fault ${fault.name}, and loses nothing`, async () => {
    const { lost, injected, notes } = await new Bench(true).outcome(fault);
    assert.equal(lost, 0, notes.join("\n"));
    assert.ok(injected > 0 || Deno.uid() !== 0, "nothing was injected");
  });
}
