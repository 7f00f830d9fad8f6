/** What the official client sees of a lease that failed before it has connected. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ExporterStatus as Status } from "../../src/wire/gen/jumpstarter/v1/common.ts";
import { TestController } from "../controller/controller.ts";
import { ExporterProcess } from "./exporter.ts";
import { openSite } from "./site.ts";
import { startLeasable, until } from "./transports.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };

/** About the time that an official client needs from its lease to its first call. */
const LATE_MS = 4_000;

/** Longer than a lease is kept for its client. */
const NEVER_MS = 30_000;

interface Lab extends AsyncDisposable {
  readonly controller: TestController;
  readonly exporter: ExporterProcess;
  /** Runs a command in the official `jmp shell`, in a new lease, or in `lease`. */
  shell(lease: string | undefined, ...command: string[]): Promise<Ended>;
}

interface Ended {
  readonly code: number;
  /** Both outputs, without the line breaks of the official client's log. */
  readonly said: string;
}

async function openLab(hooks: Record<string, unknown>): Promise<Lab> {
  await using stack = new AsyncDisposableStack();
  const site = stack.use(await openSite());
  const controller = stack.use(await TestController.start());
  controller.addClient({ name: "alice" });
  const text = controller.clientConfigYaml("alice", { unsafe: true });
  const file = await site.write("alice.yaml", text);
  const exporter = stack.use(await startLeasable(site, controller, "one", TREE, { hooks }));
  const owned = stack.move();
  return {
    controller,
    exporter,
    async shell(lease, ...command) {
      const target = lease ? ["--lease", lease] : ["--selector", "board=one"];
      const argv = ["jmp", "shell", "--client-config", file, ...target, "--", ...command];
      // The official log has columns as wide as the terminal.
      const { code, stdout, stderr } = await site.client.run(argv, { env: { COLUMNS: "1000" } });
      return { code, said: `${stdout}${stderr}` };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const failing = (onFailure: string) => ({
  script: 'echo "the board has no power"; echo "see the wiki"; exit 3',
  onFailure,
});

Deno.test("the official client that connects late sees why beforeLease failed, and leases once", async () => {
  await using lab = await openLab({ beforeLease: failing("endLease") });
  const { controller } = lab;
  const lease = controller.lease("one", "alice");
  await sleep(LATE_MS);
  const { code, said } = await lab.shell(lease.name, "j", "power", "on");
  assert.equal(code, 1, said);
  assert.match(
    said,
    /Error: beforeLease hook failed \(on_failure=endLease\): Hook failed with exit code 3/,
  );
  assert.match(said, /the board has no power/);
  assert.match(said, /see the wiki/);
  const ended = () => lease.end !== undefined;
  await until(ended, () => "the end of the lease");
  assert.equal([...controller.store.leases.values()].length, 1);
  // The exporter is there for the next client.
  const record = controller.store.exporters.get("lab/one")!;
  await until(() => record.status === Status.EXPORTER_STATUS_AVAILABLE, () => "AVAILABLE");
});

Deno.test("the official client leases, and each time sees why beforeLease failed", async () => {
  await using lab = await openLab({ beforeLease: failing("endLease") });
  for (let round = 1; round <= 3; round++) {
    const { code, said } = await lab.shell(undefined, "j", "power", "on");
    assert.equal(code, 1, said);
    assert.match(said, /Error: beforeLease hook failed \(on_failure=endLease\)/);
    assert.match(said, /the board has no power/);
    assert.match(said, /see the wiki/);
    assert.equal([...lab.controller.store.leases.values()].length, round);
  }
});

Deno.test("a lease whose client never connects is given back after its time", async () => {
  await using lab = await openLab({ beforeLease: failing("endLease") });
  const lease = lab.controller.lease("one", "alice");
  const ended = await Promise.race([
    until(() => lease.end !== undefined, () => "the end of the lease").then(() => true),
    sleep(NEVER_MS, false, { ref: false }),
  ]);
  assert.ok(ended, "the lease goes on");
  assert.match(lab.exporter.child.log, /beforeLease: Hook failed with exit code 3/);
});

Deno.test("the official client sees why afterLease failed, with the last line of the hook", async () => {
  await using lab = await openLab({ afterLease: failing("endLease") });
  const { code, said } = await lab.shell(undefined, "j", "power", "on");
  assert.equal(code, 1, said);
  assert.match(said, /Error: afterLease hook failed \(on_failure=endLease\): Hook failed/);
  assert.match(said, /the board has no power/);
  assert.match(said, /see the wiki/);
});

Deno.test("the official client sees the last line of an afterLease hook that succeeds", async () => {
  await using lab = await openLab({ afterLease: { script: "seq 300; echo the power is off" } });
  const { code, said } = await lab.shell(undefined, "j", "power", "on");
  assert.equal(code, 0, said);
  assert.match(said, /the power is off/);
});

Deno.test("the official client sees why an exporter exits, even if it connects late", async () => {
  const lab = await openLab({ beforeLease: failing("exit") });
  const { controller, exporter } = lab;
  const lease = controller.lease("one", "alice");
  await sleep(LATE_MS);
  const { code, said } = await lab.shell(lease.name, "j", "power", "on");
  assert.equal(code, 1, said);
  assert.match(said, /Error: beforeLease hook failed \(on_failure=exit, shutting down\): Hook/);
  assert.match(said, /the board has no power/);
  assert.equal((await exporter.child.finished()).code, 1, exporter.child.log);
  await assert.rejects(async () => await lab[Symbol.asyncDispose](), /the exporter ended with 1/);
});

Deno.test("the official client sees that a second signal has ended the afterLease hook", async () => {
  const lab = await openLab({ afterLease: { script: "echo begun; sleep 1000", timeout: 1000 } });
  const { exporter: { child } } = lab;
  const ended = lab.shell(undefined, "j", "power", "on");
  await child.saying(/: begun$/m);
  child.kill("SIGTERM");
  await child.saying(/another signal ends it at once/);
  child.kill("SIGTERM");
  const { code, said } = await ended;
  assert.equal(code, 1, said);
  await lab[Symbol.asyncDispose]();
  assert.match(said, /Error: afterLease hook failed: it was interrupted, because the exporter is/);
});

Deno.test("an exporter that is stopped does not wait for a client that has not connected", async () => {
  const lab = await openLab({ beforeLease: failing("endLease") });
  lab.controller.lease("one", "alice");
  await lab.exporter.child.saying(/beforeLease: Hook failed/);
  // It checks the exit code. A lease that was waited for would still be held.
  await lab[Symbol.asyncDispose]();
  assert.doesNotMatch(lab.exporter.child.log, /Released/);
  const { history } = lab.controller.store.exporters.get("lab/one")!;
  assert.equal(history.at(-1)?.status, Status.EXPORTER_STATUS_OFFLINE);
});
