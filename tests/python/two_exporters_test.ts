/** Two exporters of one process that share a warm interpreter. */
import assert from "node:assert/strict";
import { Code } from "../../src/wire/error.ts";
import { exporterLab, FAULTY } from "./exporter_lab.ts";
import { inFlight } from "./in_flight.ts";

const TREE = { faulty: { type: FAULTY } };

Deno.test("exporters share a host, and each has its own child, which dies alone", async () => {
  await using bench = await exporterLab(TREE);
  const other = await bench.start("other", TREE);
  const [mine, its] = [await bench.lease(), await bench.lease("other")];
  const [pid, otherPid] = await Promise.all([
    mine.call("faulty", "pid"),
    its.call("faulty", "pid"),
  ]);
  assert.deepEqual(
    (await bench.processes.named("jmp-drivers")).toSorted(),
    [pid, otherPid].toSorted(),
  );
  assert.equal((await bench.processes.named("jmp-python")).length, 1);

  // Its calls go on while my child dies, is started again, and ends with my lease.
  const counting = its.client.stream(its.uuid("faulty"), "count")[Symbol.asyncIterator]();
  let counted = -1;
  const count = async () => assert.equal((await counting.next()).value, ++counted);
  await count();
  const pending = await inFlight.call!(mine);
  const failure = assert.rejects(pending.outcome, { code: Code.UNAVAILABLE });
  Deno.kill(pid as number, "SIGKILL");
  await failure;
  await count();
  assert.notEqual(await mine.call("faulty", "pid"), pid);
  await count();
  await mine.end();
  await count();
  assert.equal(await its.call("faulty", "pid"), otherPid);

  // Both lose their children with the host, and have new ones of one new host.
  const both = [await bench.lease(), its];
  await both[0]!.call("faulty", "pid");
  const [host] = await bench.processes.named("jmp-python");
  const lost = await Promise.all(both.map((lease) => inFlight.call!(lease)));
  const ends = lost.map(({ outcome }) => assert.rejects(outcome, { code: Code.UNAVAILABLE }));
  Deno.kill(host!, "SIGKILL");
  await Promise.all(ends);
  const pids = await Promise.all(both.map(({ call }) => call("faulty", "pid")));
  assert.equal(new Set(pids).size, 2);
  assert.equal((await bench.processes.named("jmp-python")).length, 1);
  await both[0]!.end();

  // The end of one exporter is none of the other.
  await its.end();
  const again = await bench.lease();
  await again.call("faulty", "pid");
  await other[Symbol.asyncDispose]();
  await again.call("faulty", "pid");
  await again.end();
  assert.equal((await bench.processes.named("jmp-python")).length, 1);
});
