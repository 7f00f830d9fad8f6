/** The packed file in a minimal Debian with read-only folders. @module */
import assert from "node:assert/strict";
import { attempt, run } from "../../scripts/build/run.ts";
import { openRoot } from "./debian.ts";
import { release } from "./release.ts";
import { installTools } from "./tools.ts";

const root = new URL("../../", import.meta.url).pathname;

/**
 * Mounts the devices, processes and temporary files of this machine into the system in `$1`, removes
 * all networks except loopback, makes the rest of the system read-only, and runs the arguments. All
 * of that ends with its last process.
 */
const ISOLATED = `set -e
ip link set lo up
mount --bind "$1" "$1"
for dir in dev proc tmp; do mount --rbind "/$dir" "$1/$dir"; done
mount -o remount,bind,ro "$1"
shift
exec "$@"`;

/** A command that runs `command` with the mounts of the minimal system. */
function isolated(dir: string, ...command: string[]): string[] {
  return ["unshare", "--mount", "--net", "sh", "-c", ISOLATED, "sh", dir, ...command];
}

/** Runs a command inside of the minimal system as `user`. */
function inside(dir: string, user: string, script: string) {
  return attempt(isolated(dir, "chroot", `--userspec=${user}`, dir, "sh", "-c", script), {
    env: { HOME: "/nonexistent" },
  });
}

Deno.test("a minimal Debian without network", async (t) => {
  await installTools();
  const dist = await release();
  await using system = await openRoot("minimal");
  const { dir } = system;
  await Deno.copyFile(`${dist}/jmp-linux-amd64`, `${dir}/usr/bin/jmp`);
  await Deno.chmod(`${dir}/usr/bin/jmp`, 0o755);
  // Debian's installer writes this file on every system.
  await Deno.writeTextFile(`${dir}/etc/hosts`, "127.0.0.1 localhost\n");
  const scratch = await Deno.makeTempDir({ prefix: "jmp-minimal-" });
  await Deno.chmod(scratch, 0o755);

  await t.step("has neither Deno nor Node nor Python", async () => {
    for (const name of ["deno", "node", "python3"]) {
      assert.equal((await inside(dir, "0:0", `command -v ${name}`)).success, false, name);
    }
  });

  await t.step("lets a user without a home start it", async () => {
    const { success, stdout, stderr } = await inside(dir, "65534:65534", "jmp version");
    assert.ok(success, stderr);
    assert.match(stdout, /^jmp .*packed from/);
    await Deno.stat("/tmp/jmp-65534");
  });

  await t.step("does not let one user start what another has put there", async () => {
    await run(["chown", "-R", "1234:1234", "/tmp/jmp-65534"]);
    const { success, stdout, stderr } = await inside(dir, "65534:65534", "jmp version");
    assert.ok(success, stderr);
    assert.match(stdout, /^jmp /);
    await Deno.stat("/dev/shm/jmp-65534");
    await Deno.remove("/dev/shm/jmp-65534", { recursive: true });
    await Deno.remove("/tmp/jmp-65534", { recursive: true });
  });

  for (
    const [options, reason] of [
      ["size=20m,mode=755", /\/small: it takes \d+ kB, \d+ kB are free/],
      [
        "size=300m,mode=755,noexec",
        /\/small: programs do not start there .*Permission denied/,
      ],
    ] as const
  ) {
    await t.step(`says what is wrong with a folder that is ${options}`, async () => {
      const small = `${scratch}/small`;
      await Deno.mkdir(small, { recursive: true });
      const script = `mount -t tmpfs -o ${options} none ${small} && ` +
        `JMP_CACHE_DIR=${small} jmp version; echo "left: $(ls -A ${small})"`;
      const { stdout, stderr } = await inside(dir, "0:0", script);
      assert.match(stderr, reason);
      assert.equal(stdout, "left: \n");
    });
  }

  await t.step("checks a config", async () => {
    await Deno.writeTextFile(`${scratch}/bench.yaml`, CONFIG);
    const { success, stdout, stderr } = await inside(dir, "0:0", `jmp check ${scratch}/bench.yaml`);
    assert.ok(success, stderr);
    assert.match(stdout, /power/);
  });

  await t.step("uses its drivers in a shell, with j and without Python", async () => {
    const script = "j power on && echo hello | j serial pipe --no-output && j power read";
    const shell = `jmp shell --exporter-config ${scratch}/bench.yaml -- sh -c '${script}'`;
    const { success, stdout, stderr } = await inside(dir, "0:0", shell);
    assert.ok(success, stdout + stderr);
    assert.match(stderr, /power on/);
    assert.match(stdout, /^voltage=/m);
    const lost = await inside(dir, "0:0", shell.replace("-- sh -c", "-- no-such-program"));
    assert.match(lost.stderr, /cannot find 'no-such-program' on PATH/);
  });

  await t.step("serves official clients as the checkout does", async () => {
    const wrapper = `${scratch}/jmp`;
    await Deno.writeTextFile(wrapper, `#!/bin/sh\nexec chroot "${dir}" /usr/bin/jmp "$@"\n`);
    await Deno.chmod(wrapper, 0o755);
    const tests = [Deno.execPath(), "test", "-A", "--no-check", ...SUITES];
    const { success, stdout, stderr } = await attempt(isolated(dir, ...tests), {
      cwd: root,
      env: { JMP_TEST_BINARY: wrapper, HOME: scratch, DENO_DIR: await denoDir() },
      timeoutMs: 1_800_000,
    });
    assert.ok(success, stdout + stderr);
  });

  await Deno.remove(scratch, { recursive: true });
  await Deno.remove("/tmp/jmp-0", { recursive: true }).catch(() => {});
});

/**
 * Leased and direct clients, power, serial ports, custom drivers. The other suites need the
 * exporter's files or official programs inside of the exporter's system.
 */
const SUITES = [
  ...["documentation", "lease", "pipe"].map((name) => `tests/official/${name}_test.ts`),
  "tests/package/hooks.ts",
];

/** Deno's cache for the tests, because HOME differs inside. */
async function denoDir(): Promise<string> {
  return JSON.parse(await run([Deno.execPath(), "info", "--json"])).denoDir;
}

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
  serial: { type: jumpstarter_driver_pyserial.driver.PySerial, config: { url: "loop://" } }
`;
