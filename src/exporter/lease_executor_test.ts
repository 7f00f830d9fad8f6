/** Tests the executor of leases with a source that only records its calls. */
import assert from "node:assert/strict";
import type { HookName, Lease } from "../lease/model.ts";
import { Log } from "../log/log.ts";
import { LeaseExecutor, type LeaseExecutorOptions } from "./lease_executor.ts";
import type { LeaseRequest, LeaseSource, OpenLease } from "./lease_source.ts";

/** Records every call; the test decides when its leases open and close. */
class NotingSource implements LeaseSource {
  readonly lingerMs = 1;
  readonly notes: string[] = [];
  readonly requests: LeaseRequest[] = [];
  /** The error with which closing a lease fails. */
  failure: Error | undefined;
  /** Until then, something uses the drivers without a lease. */
  vacant: Promise<void> | undefined;

  vacate({ name }: Lease): Promise<void> | undefined {
    if (this.vacant) this.notes.push(`vacate ${name}`);
    return this.vacant;
  }

  open(request: LeaseRequest): OpenLease {
    this.notes.push(`open ${request.lease.name}`);
    this.requests.push(request);
    return {
      signal: new AbortController().signal,
      runHook: (name, client) => {
        this.notes.push(`${name} for ${client}`);
        return Promise.resolve({ ok: true });
      },
      statusRead: (audience) => {
        this.notes.push(`await ${audience}`);
        return Promise.resolve();
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

Deno.test("LeaseExecutor runs hooks for the client that holds the lease, and releases the lease", async () => {
  const { source, leases } = executor({ afterLease: { onFailure: "warn", timeoutSeconds: 1 } });
  leases.dispatch(lease("a"));
  source.requests[0]!.onOpened();
  leases.dispatch(lease("a", "heir"));
  source.requests[0]!.onEndSession();
  await settled();
  assert.deepEqual(source.notes, [
    "open a",
    "transfer",
    "afterLease for heir",
    "await all",
    "release",
    "close",
  ]);
  assert.equal(leases.state.phase, "idle");
});

Deno.test("LeaseExecutor ignores events of a lease that is closed", async () => {
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

Deno.test("LeaseExecutor goes on if closing a lease fails, and logs the error", async () => {
  const { source, leases, lines } = executor();
  source.failure = new Error("the port is stuck");
  leases.dispatch(lease("a"));
  leases.dispatch({ type: "idle" });
  await settled();
  assert.equal(leases.state.phase, "idle");
  assert.deepEqual(lines, ["Cannot close the lease completely: the port is stuck"]);
});

Deno.test("LeaseExecutor closes the open lease once when it is disposed", async () => {
  const { source, leases } = executor();
  leases.dispatch(lease("a"));
  await leases[Symbol.asyncDispose]();
  await leases[Symbol.asyncDispose]();
  source.requests[0]!.onOpened();
  assert.deepEqual(source.notes, ["open a", "close"]);
});

Deno.test("LeaseExecutor opens a lease once nothing uses the drivers without one", async () => {
  const { source, leases } = executor();
  const { promise, resolve } = Promise.withResolvers<void>();
  source.vacant = promise;
  leases.dispatch(lease("a"));
  leases.dispatch(lease("a", "heir"));
  await settled();
  assert.deepEqual(source.notes, ["vacate a"]);
  resolve();
  await settled();
  assert.deepEqual(source.notes, ["vacate a", "open a"]);
  source.requests[0]!.onOpened();
  assert.equal(leases.state.phase, "ready");
});

Deno.test("LeaseExecutor opens no lease that is over before the drivers are free", async () => {
  const { source, leases } = executor();
  const { promise, resolve } = Promise.withResolvers<void>();
  source.vacant = promise;
  leases.dispatch(lease("a"));
  leases.dispatch({ type: "idle" });
  await settled();
  assert.equal(leases.state.phase, "idle");
  leases.dispatch(lease("a"));
  leases.dispatch(lease("b"));
  await settled();
  resolve();
  await settled();
  assert.deepEqual(source.notes, ["vacate a", "vacate a", "vacate b", "open b"]);
  leases.dispatch({ type: "idle" });
  await settled();
  leases.dispatch(lease("c"));
  leases.stop();
  await settled();
  const rest = source.notes.slice(4);
  assert.deepEqual(rest, ["close", "vacate c", "stopped undefined"]);
});
