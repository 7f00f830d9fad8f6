import assert from "node:assert/strict";
import type { ExporterState } from "../exporter/state.ts";
import { statusLine } from "./status_line.ts";

const SINCE = new Date("2026-01-31T12:00:00.123Z");

/** The state of a registered exporter without a lease, with `change` applied. */
function state(change: Partial<ExporterState> = {}): ExporterState {
  return {
    namespace: "lab",
    name: "board1",
    phase: "idle",
    shutdown: "none",
    controller: { endpoint: "c:8082", state: "connected", since: SINCE, registered: true },
    drivers: [{ path: "power", type: "pkg.Power", state: "closed" }],
    traffic: { connections: 0, bytesIn: 0, bytesOut: 0 },
    errors: [],
    ...change,
  };
}

const LEASED: Partial<ExporterState> = {
  phase: "ready",
  lease: { name: "lease-1", client: "alice", since: SINCE },
  traffic: { connections: 2, bytesIn: 10, bytesOut: 20 },
};

const degraded = (path: string, problem: string) => {
  return { path, type: "pkg.Thing", state: "degraded", problem } as const;
};

const TROUBLE = { endpoint: "c:8082", state: "trouble", since: SINCE } as const;

const LINES: Readonly<Record<string, [Partial<ExporterState>, string]>> = {
  "before it is registered": [
    { controller: { endpoint: "c:8082", state: "connecting", since: SINCE, registered: false } },
    "Registering at c:8082",
  ],
  "while it cannot register": [
    { controller: { ...TROUBLE, registered: false, trouble: "controller c:8082: no such host" } },
    "Registering at c:8082; controller c:8082: no such host",
  ],
  "without a lease": [{}, "Available as lab/board1 at c:8082"],
  "during a lease": [
    LEASED,
    "Leased by alice since 2026-01-31 12:00:00Z (lease lease-1), 2 connections",
  ],
  "with a degraded driver, by the first line of the problem": [
    { ...LEASED, drivers: [degraded("serial", "no such port\nmore")] },
    "Leased by alice since 2026-01-31 12:00:00Z (lease lease-1), 2 connections; driver serial is " +
    "degraded: no such port",
  ],
  "while a hook runs, in a lease without a client name": [
    { phase: "before", lease: { name: "l", client: "", since: SINCE } },
    "Leased since 2026-01-31 12:00:00Z (lease l), running the beforeLease hook, 0 connections",
  ],
  "while it drains": [
    { ...LEASED, shutdown: "drain", traffic: { connections: 1, bytesIn: 0, bytesOut: 0 } },
    "Leased by alice since 2026-01-31 12:00:00Z (lease lease-1), 1 connection; stops after the " +
    "current lease",
  ],
  "while it stops": [
    { ...LEASED, phase: "after", shutdown: "now" },
    "Leased by alice since 2026-01-31 12:00:00Z (lease lease-1), running the afterLease hook, " +
    "2 connections; shutting down",
  ],
  "that has stopped": [{ phase: "stopped", shutdown: "now" }, "Shutting down"],
  "without a controller": [
    { controller: undefined, address: "127.0.0.1:8090", phase: "ready" },
    "Serving on 127.0.0.1:8090, 0 connections",
  ],
};

for (const [when, [change, line]] of Object.entries(LINES)) {
  Deno.test(`statusLine() describes an exporter ${when}`, () =>
    assert.equal(statusLine([state(change)]), line));
}

Deno.test("statusLine() limits the length of problems and the number of degraded drivers", () => {
  const drivers = Array.from({ length: 100 }, (_, at) => degraded(`d${at}`, "x".repeat(10_000)));
  const line = statusLine([state({ drivers })]);
  assert.ok(line.length < 1000, String(line.length));
  assert.match(line, /driver d1 is degraded: x.*; 98 more drivers are degraded$/);
});

Deno.test("statusLine() prefixes the names of several exporters", () => {
  const other = state({ name: "board2", ...LEASED });
  assert.match(
    statusLine([state(), other]),
    /^board1: Available as .* \| board2: Leased by alice /,
  );
});
