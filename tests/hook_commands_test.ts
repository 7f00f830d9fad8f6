/** The official documentation's hooks call `j`; a host without Python has only this program's. */
import assert from "node:assert/strict";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { withEnvironment } from "./environment.ts";
import { lab, powerOn, reads, reported } from "./hook_lab.ts";

/** A folder for PATH with a `j` that prints its arguments. */
function foreignJ(): Disposable & { readonly path: string } {
  const path = Deno.makeTempDirSync({ prefix: "jmp-foreign-" });
  Deno.writeTextFileSync(`${path}/j`, '#!/bin/sh\necho "the site: $*"\n', { mode: 0o755 });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

const SYSTEM = "/usr/sbin:/usr/bin:/sbin:/bin";

Deno.test("hooks run j where no other is installed, and a lease succeeds with endLease", async () => {
  using _env = withEnvironment({ PATH: SYSTEM });
  await using bench = await lab({
    beforeLease: {
      script: 'echo "Preparing"\nj power on\necho "power is on: $?"\n',
      onFailure: "endLease",
    },
    afterLease: { script: "j power off && jmp version && echo done", onFailure: "exit" },
  });
  const { controller, running } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await running.line(/^power on$/);
  await running.line(/^power is on: 0$/);
  await using client = await controller.sessionClient(lease);
  await powerOn(client);
  controller.endLease(lease);
  await running.line(/^power off$/);
  await running.line(/^jmp \d+\.\d+\.\d+ \(from sources/);
  await running.line(/^done$/);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
});

Deno.test("a hook whose j fails ends the lease with endLease", async () => {
  using _env = withEnvironment({ PATH: SYSTEM });
  await using bench = await lab({
    beforeLease: { script: "j power explode", onFailure: "endLease" },
  });
  const lease = bench.controller.lease("demo", "tester");
  await reads(bench.controller, lease, Status.EXPORTER_STATUS_BEFORE_LEASE_HOOK_FAILED);
  await bench.running.line(/No such command 'explode'/);
  await bench.controller.next("ReleaseLease");
});

Deno.test("the j of the site on PATH wins in hooks, unless JMP_J is native", async () => {
  using site = foreignJ();
  for (
    const [choice, expected] of [["", /^the site: power on$/], ["native", /^power on$/]] as const
  ) {
    using _env = withEnvironment({ PATH: `${site.path}:${SYSTEM}`, JMP_J: choice });
    await using bench = await lab({ beforeLease: { script: "j power on", onFailure: "endLease" } });
    bench.controller.lease("demo", "tester");
    await reported(bench.controller, Status.EXPORTER_STATUS_LEASE_READY);
    await bench.running.line(expected);
    const said = bench.running.records.map(({ message }) => message);
    assert.equal(said.includes("the site: power on"), choice === "");
  }
});
