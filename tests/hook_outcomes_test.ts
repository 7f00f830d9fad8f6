/** Every hook by its onFailure and its outcome: the statuses that the controller must see. */
import assert from "node:assert/strict";
import type { HookName, OnFailure } from "../src/lease/model.ts";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import type { LeaseRecord } from "./controller/records.ts";
import {
  endMeanwhile,
  Gate,
  history,
  type Hook,
  type Lab,
  lab,
  powerOn,
  reads,
  reported,
} from "./hook_lab.ts";

type Report = readonly [string, string | undefined];

/** How a hook ends, with the message of a failure. */
interface Outcome {
  readonly name: string;
  readonly hook: Hook;
  readonly failure?: string;
  /** The controller takes the lease away while the hook runs. */
  readonly meanwhile?: true;
}

const OUTCOMES: readonly Outcome[] = [
  { name: "ok", hook: { script: "true" } },
  { name: "non-zero", hook: { script: "exit 3" }, failure: "Hook failed with exit code 3" },
  {
    name: "timeout",
    hook: { script: "sleep 100", timeout: 1 },
    failure: "Hook timed out after 1 seconds",
  },
  {
    name: "killed",
    hook: { script: "kill -KILL $$" },
    failure: "Hook failed with exit code 137 (SIGKILL)",
  },
  { name: "lease ended meanwhile, ok", hook: { script: "true" }, meanwhile: true },
  {
    name: "lease ended meanwhile, non-zero",
    hook: { script: "exit 3" },
    failure: "Hook failed with exit code 3",
    meanwhile: true,
  },
];

const HOOKS: readonly HookName[] = ["beforeLease", "afterLease"];
const ON_FAILURE: readonly OnFailure[] = ["warn", "endLease", "exit"];

const FAILED = Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED;

const HOOK_RUNS: Readonly<Record<HookName, Status>> = {
  beforeLease: Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK,
  afterLease: Status.EXPORTER_STATUS_AFTER_LEASE_HOOK,
};

const BEFORE: Report = ["BEFORE_LEASE_HOOK", "Running beforeLease hook"];
const READY: Report = ["LEASE_READY", "Ready for commands"];
const AFTER: Report = ["AFTER_LEASE_HOOK", "Running afterLease hooks"];
const AVAILABLE: Report = ["AVAILABLE", "Available for new lease"];
const offline = (hook: HookName): Report => {
  return ["OFFLINE", `Exporter shutting down due to ${hook} hook failure`];
};

/** The reports of the official exporter, up to the end of the lease or the exporter. */
function expected(hook: HookName, onFailure: OnFailure, { failure, meanwhile }: Outcome): Report[] {
  const start = hook === "beforeLease" ? [BEFORE] : [READY, AFTER];
  if (failure === undefined || onFailure === "warn") {
    const warning = failure && `[HOOK_WARNING] ${hook} hook warning: ${failure}`;
    if (hook === "afterLease") return [...start, warning ? ["AVAILABLE", warning] : AVAILABLE];
    // A lease that is over is never reported as ready.
    if (meanwhile) return [...start, AVAILABLE];
    return [...start, warning ? ["LEASE_READY", warning] : READY, AVAILABLE];
  }
  const consequence = onFailure === "exit" ? "exit, shutting down" : "endLease";
  const status = hook === "beforeLease" ? "BEFORE_LEASE_HOOK_FAILED" : "AFTER_LEASE_HOOK_FAILED";
  const text = `${hook} hook failed (on_failure=${consequence}): ${failure}`;
  return [...start, [status, text], onFailure === "exit" ? offline(hook) : AVAILABLE];
}

async function run(hook: HookName, onFailure: OnFailure, outcome: Outcome): Promise<void> {
  const { script, ...rest } = outcome.hook;
  using gate = new Gate();
  if (!outcome.meanwhile) gate.open();
  const bench = await lab({ [hook]: { ...rest, script: `${gate.wait}; ${script}`, onFailure } });
  const { controller, running } = bench;
  try {
    const lease = controller.lease("demo", "tester");
    const reports = expected(hook, onFailure, outcome);
    const [last] = reports.at(-1)!;
    const ready = reports.some(([status]) => status === "LEASE_READY");
    if (ready) await use(bench, lease, hook);
    if (outcome.meanwhile) {
      await reported(controller, HOOK_RUNS[hook]);
      await endMeanwhile(bench, lease, gate);
    }
    const failed = reports.some(([status]) => status === "BEFORE_LEASE_HOOK_FAILED");
    if (failed && !outcome.meanwhile) await reads(controller, lease, FAILED);
    if (last === "OFFLINE") assert.equal(await running.ended, 1);
    else await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
    assert.deepEqual(history(controller), reports);
    // The exporter releases a lease that it still has, unless it exits.
    const taken = outcome.meanwhile || ready && hook === "beforeLease";
    const released = controller.calls.some(({ method }) => method === "ReleaseLease");
    assert.equal(released, last === "AVAILABLE" && !taken);
  } finally {
    await bench[Symbol.asyncDispose]();
  }
}

/** A client uses the lease, and ends its session or, where there is no afterLease, the lease. */
async function use({ controller }: Lab, lease: LeaseRecord, hook: HookName): Promise<void> {
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
  if (hook === "afterLease") await client.endSession();
  else controller.endLease(lease);
}

for (const hook of HOOKS) {
  for (const onFailure of ON_FAILURE) {
    for (const outcome of OUTCOMES) {
      const name = `${hook}, onFailure ${onFailure}, ${outcome.name}`;
      Deno.test(name, () => run(hook, onFailure, outcome));
    }
  }
}
