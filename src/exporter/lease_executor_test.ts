/** The executor of leases, over a source that only notes what it is asked for. */
import assert from "node:assert/strict";
import type { HookName } from "../lease/model.ts";
import { Log } from "../log/log.ts";
import { LeaseExecutor, type LeaseExecutorOptions } from "./lease_executor.ts";
import type { LeaseRequest, LeaseSource, OpenLease } from "./lease_source.ts";

/** Notes every request; its leases open and close when they are told to. */
class NotingSource implements LeaseSource {
  readonly lingerMs = 1;
  readonly notes: string[] = [];
  readonly requests: LeaseRequest[] = [];
  /** How closing a lease goes wrong. */
  failure: Error | undefined;

  open(request: LeaseRequest): OpenLease {
    this.notes.push(`open ${request.lease.name}`);
    this.requests.push(request);
    return {
      signal: new AbortController().signal,
      runHook: (name, client) => {
        this.notes.push(`${name} for ${client}`);
        return Promise.resolve({ ok: true });
      },
      interruptHook: () => void this.notes.push("interrupt"),
      transfer: () => void this.notes.push("transfer"),
      [Symbol.asyncDispose]: () => {
        this.notes.push("close");
        return this.failure ? Promise.reject(this.failure) : Promise.resolve();
      },
    };
  }

  release = () => void this.notes.push("release");
  report() {}
  save() {}
  changed() {}
  stopped = (failedHook: HookName | undefined) => void this.notes.push(`stopped ${failedHook}`);
}

function executor(hooks: LeaseExecutorOptions["hooks"] = {}): {
  source: NotingSource;
  leases: LeaseExecutor;
  lines: string[];
} {
  const source = new NotingSource();
  const lines: string[] = [];
  const log = new Log([({ message }) => lines.push(message)]);
  return { source, lines, leases: new LeaseExecutor({ source, log, hooks }) };
}

const lease = (name: string, client = "me") => {
  return { type: "leased", lease: { name, client } } as const;
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

Deno.test("hooks run for the client that has the lease, and the source gets it back", async () => {
  const { source, leases } = executor({ afterLease: { onFailure: "warn", timeoutSeconds: 1 } });
  leases.dispatch(lease("a"));
  source.requests[0]!.onOpened();
  leases.dispatch(lease("a", "heir"));
  source.requests[0]!.onEndSession();
  await settled();
  assert.deepEqual(source.notes, ["open a", "transfer", "afterLease for heir", "release", "close"]);
  assert.equal(leases.state.phase, "idle");
});

Deno.test("what a lease says after its end does nothing to the next one", async () => {
  const { source, leases } = executor();
  leases.dispatch(lease("a"));
  source.requests[0]!.onOpened();
  leases.dispatch(lease("b"));
  await settled();
  source.requests[0]!.onOpened();
  assert.equal(leases.state.phase, "opening");
  source.requests[1]!.onOpened();
  source.requests[0]!.onEndSession();
  assert.equal(leases.state.phase, "ready");
  leases.stop();
  await settled();
  assert.deepEqual(source.notes, ["open a", "close", "open b", "close", "stopped undefined"]);
});

Deno.test("a lease that cannot be closed is over nevertheless, and the log says why", async () => {
  const { source, leases, lines } = executor();
  source.failure = new Error("the port is stuck");
  leases.dispatch(lease("a"));
  leases.dispatch({ type: "idle" });
  await settled();
  assert.equal(leases.state.phase, "idle");
  assert.deepEqual(lines, ["Cannot close everything of the lease: the port is stuck"]);
});

Deno.test("disposing of it closes the lease that is open, once", async () => {
  const { source, leases } = executor();
  leases.dispatch(lease("a"));
  await leases[Symbol.asyncDispose]();
  await leases[Symbol.asyncDispose]();
  source.requests[0]!.onOpened();
  assert.deepEqual(source.notes, ["open a", "close"]);
});
