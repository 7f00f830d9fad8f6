/** `jmp driver …` as a process: what it prints, and how fast. */
import assert from "node:assert/strict";
import { source } from "../src/foreign/worker/testing.ts";

const root = new URL("../", import.meta.url).pathname;

/** Runs a command in a site that has these driver files. */
async function jmp(args: string[], files: Record<string, string> = {}) {
  const dir = await Deno.makeTempDir({ prefix: "jmp-driver-" });
  try {
    await Deno.mkdir(`${dir}/drivers`);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/drivers/${name}`, text, { mode: 0o600 });
    }
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", `${root}main.ts`, ...args],
      env: { NO_COLOR: "1", JMP_CLIENT_CONFIG_HOME: dir, PATH: "/nonexistent" },
      signal: AbortSignal.timeout(60_000),
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: decode(stdout), err: decode(stderr), dir };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const RELAY = source("acme.Relay", 'summary: "a relay", open: () => ({}),');

Deno.test("jmp driver list has built-in and custom drivers, and says which file is broken", async () => {
  const files = { "relay.ts": RELAY, "broken.ts": "let a = ;" };
  const { code, out, err, dir } = await jmp(["driver", "list"], files);
  assert.equal(code, 0);
  assert.match(out, /^TYPE +CLIENT +FROM +WHAT IT IS$/m);
  assert.match(
    out,
    /^jumpstarter_driver_pyserial\.driver\.PySerial +pyserial\.PySerialClient +built in +a serial/m,
  );
  assert.match(out, new RegExp(`^acme\\.Relay +\\S+ +${dir}/drivers/relay\\.ts +a relay$`, "m"));
  assert.match(err, /broken\.ts:1:9/);
});

Deno.test("jmp driver list prints JSON, YAML and names for programs", async () => {
  const [json, yaml, name] = await Promise.all(
    ["json", "yaml", "name"].map((format) => jmp(["driver", "list", "-o", format])),
  );
  const parsed = JSON.parse(json!.out) as { type: string; client: string; origin: string }[];
  const power = parsed.find(({ type }) => type.endsWith("MockPower"))!;
  assert.equal(power.client, "jumpstarter_driver_power.client.PowerClient");
  assert.equal(power.origin, "native");
  assert.match(yaml!.out, /^- type: jumpstarter_driver_composite\.driver\.Composite$/m);
  assert.deepEqual(name!.out.trim().split("\n"), parsed.map(({ type }) => type));
});

Deno.test("jmp driver show prints config, methods and a sample, and helps with a name", async () => {
  const { code, out } = await jmp(["driver", "show", "PySerial"]);
  assert.equal(code, 0);
  assert.match(out, /^ {2}baudrate +integer +default 115200 +bits per second$/m);
  assert.match(out, /^ {2}call +set_dtr\(value: boolean\) +sets the DTR line$/m);
  assert.match(out, /^ {2}export:\n {4}pyserial:\n {6}type: jumpstarter_driver_pyserial/m);
  const custom = await jmp(["driver", "show", "Relay", "-o", "json"], { "relay.ts": RELAY });
  assert.deepEqual(JSON.parse(custom.out).keys, []);
  const wrong = await jmp(["driver", "show", "PySeriel"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /found no driver 'PySeriel'; did you mean 'PySerial'\?/);
});

/** Runs Deno's compiler on a file. @returns whether it finds no mistake */
async function compiles(file: string): Promise<boolean> {
  const args = ["check", "--no-lock", "--quiet", file];
  const { success } = await new Deno.Command(Deno.execPath(), { args }).output();
  return success;
}

Deno.test("jmp driver new writes a driver that passes jmp check and the compiler", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-new-" });
  try {
    const { code, out, err } = await jmp(["driver", "new", "acme.Relay", "--dir", dir]);
    assert.equal(code, 0, err);
    const file = `${dir}/relay.ts`;
    const config = `metadata: {namespace: lab, name: demo}\n${out}`;
    await Deno.writeTextFile(`${dir}/exporter.yaml`, config, { mode: 0o600 });
    const check = await jmp(["check", `${dir}/exporter.yaml`]);
    assert.equal(check.code, 0, check.out + check.err);
    assert.match(check.out, /^ {2}relay .* ok$/m);
    assert.ok(await compiles(file));
    const shown = await jmp(["driver", "show", file]);
    assert.match(shown.out, /^ {2}port +integer +default 1 +number of the port$/m);
    await Deno.writeTextFile(file, "// mine");
    const again = await jmp(["driver", "new", "lab.Relay", "--dir", dir]);
    assert.equal(again.code, 1);
    assert.match(again.err, /relay\.ts exists already/);
    assert.equal(await Deno.readTextFile(file), "// mine");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("jmp driver new refuses names that cannot be types of custom drivers", async () => {
  const names = [
    "Relay",
    "../acme.Relay",
    "acme.relay",
    "jumpstarter_driver_power.driver.X",
    "a/b.C",
  ];
  for (const name of [...names, `acme.R${"x".repeat(200)}`]) {
    const { code, err } = await jmp(["driver", "new", name, "--dir", "/nonexistent"]);
    assert.equal(code, 1);
    assert.match(err, /expected a dotted name|is a name for official drivers/);
  }
});

Deno.test("jmp driver without a command prints its help", async () => {
  const { code, err } = await jmp(["driver"]);
  assert.equal(code, 2);
  assert.match(err, /Usage: jmp driver[^]*list[^]*show/);
});
