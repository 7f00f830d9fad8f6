/** Limits of a child, and signals that are meant for the exporter. */
import assert from "node:assert/strict";
import { lab, running } from "./lab.ts";

const TROUBLE = "trouble.Trouble";
const MB = 1_000_000;

Deno.test("the memory of a child is limited, and what cannot be limited is told", async () => {
  await using python = await lab();
  const entries = { trouble: { type: TROUBLE } };
  await using free = await running(python, entries);
  assert.equal(await free.call("trouble", "allocate", 700), 700 * MB);
  assert.deepEqual(free.records, []);
  await using child = await running(python, entries, { limits: { memory: 500 * MB, cpu: 50 } });
  await assert.rejects(child.call("trouble", "allocate", 700));
  // Where no control group is delegated.
  if (child.records.length > 0) {
    assert.match(child.records[0]!.message, /^The limit of processor time/);
  }
});

Deno.test("a delegated control group is used", async () => {
  const root = await Deno.makeTempDir();
  const script = `
import os, sys
sys.path.insert(0, ${
    JSON.stringify(new URL("../../src/foreign/python/", import.meta.url).pathname)
  })
sys.dont_write_bytecode = True
from host import limits
root = sys.argv[1]
limits._own_group = lambda: "/unit/main"
bounds = {"memory": 1000, "cpu": 150}
os.makedirs(f"{root}/unit/main")
assert limits.make_group(bounds, root) is None
os.setxattr(f"{root}/unit", "user.delegate", b"1")
group = limits.make_group(bounds, root)
assert os.path.dirname(group.path) == f"{root}/unit", group.path
group.controllers = {"memory", "cpu"}
assert limits.apply(bounds, group) == []
read = lambda name: open(f"{group.path}/{name}").read()
assert read("cgroup.procs") == str(os.getpid())
assert read("memory.max") == "1000"
assert read("cpu.max") == "150000 100000"
assert open(f"{root}/unit/cgroup.subtree_control").read() == "+memory +cpu"
`;
  const { success, stderr } = await new Deno.Command("python3", { args: ["-c", script, root] })
    .output();
  await Deno.remove(root, { recursive: true });
  assert.ok(success, new TextDecoder().decode(stderr));
});

Deno.test("signals to all processes of a service end no driver, but what drivers start", async () => {
  await using python = await lab();
  await using child = await running(python, { trouble: { type: TROUBLE } });
  for (const pid of await python.processes()) {
    for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) Deno.kill(pid, signal);
  }
  assert.deepEqual(await child.call("trouble", "start_and_terminate"), [-15, -15]);
  await child.launched.close(5_000);
  assert.equal((await child.launched.ended).how, "exit code 0");
  assert.deepEqual(child.records.map(({ message }) => message), ["closed"]);
});

Deno.test("the last lines of a driver that crashes tell where", async () => {
  await using python = await lab();
  await using child = await running(python, { trouble: { type: TROUBLE } });
  await assert.rejects(child.call("trouble", "crash"));
  const { how, lastLines } = await child.launched.ended;
  assert.equal(how, "signal SIGSEGV");
  assert.match(lastLines.join("\n"), /trouble\.py", line \d+ in crash/);
});
