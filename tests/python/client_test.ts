/** Official clients of hosted drivers in `jmp shell`: `j`, with the commands that only Python has, and streams. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { interpreter } from "./hosted.ts";

const root = new URL("../../", import.meta.url).pathname;
const drivers = new URL("./drivers", import.meta.url).pathname;

/** A hang guard, long enough for a busy machine. */
const HANG_MS = 120_000;

/** Runs a script in `jmp shell` with a config that names the interpreter. */
async function inShell(python: string, script: string) {
  const dir = await Deno.makeTempDir({ prefix: "jmp-client-" });
  const config = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: bench }
python: ${python}
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
  greeter: { type: site_greeter.Greeter }
  echo: { type: jumpstarter_driver_network.driver.EchoNetwork, python: true }
`;
  try {
    await Deno.writeTextFile(`${dir}/bench.yaml`, config, { mode: 0o600 });
    const main = ["run", "-A", "--no-check", `${root}main.ts`, "--log-level", "error", "shell"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...main, "--exporter-config", `${dir}/bench.yaml`, "--", "sh", "-c", script],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", PYTHONPATH: drivers, NO_COLOR: "1" },
      signal: AbortSignal.timeout(HANG_MS),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { out: decode(stdout), err: decode(stderr) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const SCRIPT = `j power on; echo $?
j greeter greet Ann; echo $?
j greeter greet --loud Bob; echo $?
j greeter nope 2>&1 | grep -c "No such command"
j greeter --help | grep -c "Greet people"`;

const EXPECTED = "0\nhello Ann\n0\nHELLO BOB\n3\n1\n1\n";

Deno.test("j runs the commands of a hosted driver's client by the j of its environment", async () => {
  const { out, err } = await inShell(await interpreter(), SCRIPT);
  assert.equal(out, EXPECTED, err);
});

Deno.test("j runs them in an environment that has drivers, but not the official commands", async () => {
  const bin = dirname(await interpreter());
  const dir = await Deno.makeTempDir({ prefix: "jmp-venv-" });
  try {
    // As `jmp driver install` makes it: without jumpstarter-cli.
    await Deno.mkdir(`${dir}/bin`);
    await Deno.symlink(`${bin}/python`, `${dir}/bin/python`);
    await Deno.copyFile(`${dirname(bin)}/pyvenv.cfg`, `${dir}/pyvenv.cfg`);
    await Deno.symlink(`${dirname(bin)}/lib`, `${dir}/lib`);
    const { out, err } = await inShell(dir, SCRIPT);
    assert.equal(out, EXPECTED, err);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Keeps every call: officially, only the garbage collector of a client cancels them. */
const STREAMS = `
from jumpstarter.utils.env import env

async def use(client):
    kept = []
    for count in range(1100):
        async with client.echo.stream_async("connect") as stream:
            kept.append(stream)
            await stream.send(b"hello")
            assert await stream.receive() == b"hello"
    print(len(kept))

with env() as client:
    client.portal.call(use, client)
`;

Deno.test("an official client opens as many streams of a hosted driver as it likes", async () => {
  const python = await interpreter();
  const { out, err } = await inShell(python, `${python} -c '${STREAMS}'`);
  assert.equal(out, "1100\n", err);
});
