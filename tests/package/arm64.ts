/** The file for arm64 in a Debian for an emulated processor. @module */
import assert from "node:assert/strict";
import { attempt, run } from "../../scripts/build/run.ts";
import { succeeds } from "../official/client.ts";
import { ChildProcess } from "../official/process.ts";
import { openSite } from "../official/site.ts";
import { TRUSTED } from "../official/transports.ts";
import { inRoot, openRoot } from "./debian.ts";
import { release } from "./release.ts";
import { installTools } from "./tools.ts";

/** Where the kernel registers interpreters of foreign executables. */
const BINFMT = "/proc/sys/fs/binfmt_misc";

/** Matches ELF files for aarch64 by `e_machine`; F keeps the interpreter open across roots. */
const RULE =
  "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:" +
  "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff";

/** Makes this kernel run aarch64 executables by QEMU until disposed; does nothing on arm64. */
async function emulation(): Promise<AsyncDisposable> {
  await using scope = new AsyncDisposableStack();
  if (Deno.build.arch === "aarch64") return scope.move();
  if (!await Deno.stat(`${BINFMT}/register`).catch(() => undefined)) {
    await run(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT]);
    scope.defer(() => run(["umount", BINFMT]).then(() => {}));
  }
  const name = `jmp-test-${Deno.pid}`;
  const interpreter = (await run(["sh", "-c", "command -v qemu-aarch64-static"])).trim();
  await Deno.writeTextFile(`${BINFMT}/register`, `:${name}:M::${RULE}:${interpreter}:F`);
  scope.defer(() => Deno.writeTextFile(`${BINFMT}/${name}`, "-1"));
  return scope.move();
}

Deno.test("the file for arm64", async (t) => {
  await installTools();
  const dist = await release();
  await using _emulation = await emulation();
  await using system = await openRoot("arm64");
  await using site = await openSite();
  const { dir } = system;
  await Deno.copyFile(`${dist}/jmp-linux-arm64`, `${dir}/usr/bin/jmp`);
  await Deno.chmod(`${dir}/usr/bin/jmp`, 0o755);
  const inside = (...command: string[]) => inRoot(dir, ...command);
  const env = { HOME: "/root", JMP_CACHE_DIR: "/srv/cache" };

  await t.step("starts", async () => {
    const { success, stdout, stderr } = await attempt(inside("jmp", "version"), { env });
    assert.ok(success, stderr);
    assert.match(stdout, /packed from .*, aarch64, Deno 2\./);
  });

  await t.step("loads the addon for USB devices", async () => {
    const [home] = await Array.fromAsync(Deno.readDir(`${dir}/srv/cache`), ({ name }) => name);
    const program = `/srv/cache/${home}`;
    const addon = `${program}/addons/usb.linux-arm64-gnu.node`;
    const script = `import process from "node:process"; const loaded = { exports: {} };` +
      `process.dlopen(loaded, "${addon}"); console.log(typeof loaded.exports.nativeGetDevices)`;
    const command = inside(`${program}/jmp`, "eval", "--no-config", script);
    const { stdout, stderr } = await attempt(command, { env: { ...env, DENO_DIR: "/root/deno" } });
    assert.equal(stdout.trim(), "function", stderr);
  });

  await t.step("serves power and a serial port on a pty to an official client", async () => {
    const config = await site.write("bench.yaml", configOf(site.devices.echo_pty));
    const listen = ["--tls-grpc-listener", "127.0.0.1:0", "--tls-grpc-insecure"];
    const argv = inside("jmp", "run", "--exporter-config", config, ...listen);
    await using exporter = new ChildProcess(argv, { env });
    const [, address] = await exporter.saying(/Serving .* on (127\.0\.0\.1:\d+)/, 300_000);
    const client = { ...TRUSTED, JUMPSTARTER_HOST: address!, JMP_GRPC_INSECURE: "1" };
    await succeeds(site.client.run(["j", "power", "on"], { env: client }));
    const options = { env: { ...site.client.env, ...client }, stdin: "Hello" };
    await using pipe = new ChildProcess(["j", "serial", "pipe"], options);
    await pipe.saying(/hELLO/, 300_000).catch((error) => {
      throw new Error(`${error.message}\nThe exporter says:\n${exporter.log}`);
    });
    // The client continues reading after the end of its input until Ctrl+C, with any exporter.
    pipe.kill("SIGINT");
    await pipe.finished();
  });
});

function configOf(pty: string): string {
  return `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: default, name: bench }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
  serial: { type: jumpstarter_driver_pyserial.driver.PySerial, config: { url: ${pty} } }
`;
}
