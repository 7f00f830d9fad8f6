/** Hooks run wherever the exporter is started: by su, sudo -E, cron, or in a container. */
import assert from "node:assert/strict";
import { ExporterStatus as Status } from "../src/wire/gen/jumpstarter/v1/common.ts";
import { running } from "./faults/exporter_process.ts";
import { lab, powerOn, reads, reported } from "./hook_lab.ts";
import { withEnvironment } from "./environment.ts";

const HOOKS = {
  beforeLease: { script: "echo prepared && j power on", onFailure: "endLease" },
  afterLease: { script: "echo cleaned", onFailure: "endLease" },
};

/** Values of variables that name no usable folder, with what a warning says. */
const UNUSABLE: readonly [string, Record<string, string>, RegExp][] = [
  ["is missing", { XDG_RUNTIME_DIR: "/run/user/99999" }, /99999: no such file.*XDG_RUNTIME_DIR/],
  ["is too long", { XDG_RUNTIME_DIR: `/tmp/${"x".repeat(90)}` }, /at most 70 bytes.*XDG_RUNTIME/],
  ["is relative", { XDG_RUNTIME_DIR: "run", TMPDIR: "tmp" }, /absolute path, found 'tmp'.*TMPDIR/],
  ["cannot be written", { TMPDIR: "/proc/self" }, /cannot create a folder in \/proc\/self.*TMPDIR/],
  ["is no folder", { XDG_RUNTIME_DIR: "/dev/null", TMPDIR: "/etc/passwd" }, /passwd: not a dir/],
];

for (const [what, variables, warning] of UNUSABLE) {
  const names = Object.keys(variables).join(" and ");
  Deno.test(`both hooks run where the folder of ${names} ${what}, and a warning names it`, async () => {
    using _env = withEnvironment(variables);
    await using bench = await lab(HOOKS);
    const { controller, running } = bench;
    const lease = controller.lease("demo", "tester");
    await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
    await running.line(/^power on$/);
    await running.line(warning);
    await using client = await controller.sessionClient(lease);
    await powerOn(client);
    controller.endLease(lease);
    await running.line(/^cleaned$/);
    await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
    const warnings = running.records.filter(({ message }) => warning.test(message));
    assert.equal(warnings.length, 1, "it is told more than once in a lease");
  });
}

Deno.test("a hook runs in a folder that was removed after the one before it", async () => {
  const remove = 'rm -r "$(dirname "$JUMPSTARTER_HOST")"';
  await using bench = await lab({
    beforeLease: { script: remove },
    afterLease: { script: "j power off", onFailure: "endLease" },
  });
  const { controller, running } = bench;
  const lease = controller.lease("demo", "tester");
  await reported(controller, Status.EXPORTER_STATUS_LEASE_READY);
  await using client = await controller.sessionClient(lease);
  await client.endSession();
  await running.line(/^power off$/);
  await reads(controller, lease, Status.EXPORTER_STATUS_AVAILABLE);
  await reported(controller, Status.EXPORTER_STATUS_AVAILABLE);
});

const CONFIG = `
apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: demo }
hooks: { beforeLease: { script: "echo prepared", onFailure: exit } }
export: { power: { type: jumpstarter_driver_power.driver.MockPower } }
`;

/** Runs a standalone exporter as on a host where only `writable` of the usual places are that. */
async function onHost(...writable: string[]): Promise<{ code: number; log: string }> {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const mounts = ["/tmp", "/var/tmp", "/dev/shm", "/run"].map((place) => {
    return `mount -t tmpfs -o ${writable.includes(place) ? "rw" : "ro"} tmpfs ${place}`;
  });
  // The checkout may be in one of them.
  const checkout = new URL("..", import.meta.url).pathname;
  const before = `mount -t tmpfs tmpfs /mnt; mkdir /mnt/jmp; mount --bind ${checkout} /mnt/jmp`;
  const script = `set -e; ${before}; ${mounts.join("; ")}; cd /mnt/jmp; exec "$@"`;
  const jmp = running("/mnt/jmp/main.ts");
  const argv = [...jmp, "run", "--exporter-config", "/dev/stdin", "--listen", "unix:/mnt/socket"];
  const child = new Deno.Command("unshare", {
    args: ["--mount", "sh", "-c", script, "sh", ...argv],
    env: { NO_COLOR: "1", TMPDIR: "" },
    stdin: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(CONFIG));
  await writer.close();
  let log = "";
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    log += text;
    if (/: prepared/.test(log)) child.kill("SIGTERM");
  }
  return { code: (await child.status).code, log };
}

Deno.test("a hook runs where /tmp is read-only, and a warning says so", async () => {
  const { code, log } = await onHost("/dev/shm");
  assert.equal(code, 143, log);
  assert.match(
    log,
    /WARNING .*cannot create a folder in \/tmp: Read-only.*uses \/dev\/shm instead/,
  );
});

Deno.test("a hook that cannot run where no folder can be written fails, as its onFailure says", async () => {
  const { code, log } = await onHost();
  assert.equal(code, 1, log);
  assert.match(
    log,
    /ERROR .*beforeLease: Error executing hook: .*\/tmp: Read-only.*\/run: Read-only/,
  );
});
