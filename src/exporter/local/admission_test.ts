import assert from "node:assert/strict";
import type { LeaseState } from "../../lease/state.ts";
import { admissionOf } from "./admission.ts";

const lease = { name: "l-1", client: "alice" };
const held = { lease, shutdown: "none" } as const;
const open = { ...held, revoked: false } as const;

const LEASED: readonly LeaseState[] = [
  { ...open, phase: "opening", endRequested: false },
  { ...open, phase: "before", endRequested: false },
  { ...held, phase: "ready" },
  { ...open, phase: "after", hookAborted: false },
  { ...held, phase: "ended" },
  { ...open, phase: "announcing" },
  { ...open, phase: "lingering" },
];

Deno.test("admissionOf() refuses in every phase of a lease, and names client, lease and --force", () => {
  for (const state of LEASED) {
    const { kind, ...rest } = admissionOf("demo", state, false);
    assert.equal(kind, "refused", state.phase);
    const reason = "demo is leased by alice (lease l-1): --force interferes all the same, and " +
      "tells the client";
    assert.deepEqual(rest, { reason });
    assert.deepEqual(admissionOf("demo", state, true), { kind: "lease" });
  }
});

Deno.test("admissionOf() opens the drivers when there is no lease, and waits for one to end", () => {
  for (const force of [false, true]) {
    assert.deepEqual(admissionOf("demo", { phase: "idle" }, force), { kind: "own" });
    const closing = { ...open, phase: "closing", hooksStarted: true } as const;
    assert.equal(admissionOf("demo", closing, force).kind, "later");
    assert.equal(admissionOf("demo", { phase: "stopped" }, force).kind, "refused");
  }
});

Deno.test("admissionOf() waits after a restart in a lease until the controller has said whether it goes on", () => {
  const idle = { phase: "idle", checkpoint: { lease, stage: "ready" } } as const;
  assert.equal(admissionOf("demo", idle, false).kind, "later");
  assert.equal(admissionOf("demo", idle, true).kind, "own");
});
