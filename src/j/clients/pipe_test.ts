/** `pipe`, with real terminals as devices. */
import assert from "node:assert/strict";
import { openPty } from "../../../drivers/pyserial/testing.ts";
import { until } from "../../../tests/until.ts";
import { type RunOptions, serve, type Served } from "../testing.ts";

const TYPE = "jumpstarter_driver_pyserial.driver.PySerial";
const LOOP = { type: TYPE, config: { url: "loop://" } };
const COPYING = "Copying standard input to the serial port";

async function* bytes(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

/** Input that does not end. */
async function* open(...texts: string[]): AsyncGenerator<Uint8Array> {
  yield* bytes(...texts);
  await new Promise(() => {});
}

/** An exporter with a device, which disposing unplugs. */
async function serveDevice() {
  const pty = openPty();
  const served = await serve({ serial: { type: TYPE, config: { url: pty.path } } });
  return {
    pty,
    served,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await pty[Symbol.asyncDispose]();
    },
  };
}

function pipe({ j }: Served, args: readonly string[], options: RunOptions = {}) {
  return j(["serial", "pipe", ...args], options);
}

Deno.test("j SERIAL pipe copies standard input and output, and ends when the port does", async () => {
  await using served = await serve({ serial: LOOP });
  assert.deepEqual(await pipe(served, [], { input: bytes("hello ", "there\n") }), {
    code: 0,
    out: "hello there\n",
    err: `${COPYING}, and the serial port to standard output; Ctrl-C ends this.\n` +
      "\nThe serial connection has ended.\n",
  });
});

Deno.test("j SERIAL pipe passes on each line at once, after the end of its input too", async () => {
  await using device = await serveDevice();
  const interrupt = new AbortController();
  let shown = "";
  const running = pipe(device.served, [], {
    input: bytes("uname\r"),
    interrupt: interrupt.signal,
    onOut: (text) => shown = text,
  });
  assert.equal(String(await device.pty.receive(6)), "uname\r");
  for (const line of ["Linux\r\n", "# "]) {
    await device.pty.master.write(Buffer.from(line));
    await until(() => shown.endsWith(line));
  }
  interrupt.abort();
  const { code, out, err } = await running;
  assert.deepEqual({ code, out }, { code: 130, out: "Linux\r\n# " });
  assert.match(err, /^Copying[^\n]*\n$/);
});

Deno.test("j SERIAL pipe says why the port was lost, after its last bytes", async () => {
  await using device = await serveDevice();
  let shown = "";
  const running = pipe(device.served, ["--no-input"], { onOut: (text) => shown = text });
  await until(async () => await device.pty.openings() === 1);
  await device.pty.master.write(Buffer.from("last words"));
  await until(() => shown !== "");
  await device.pty[Symbol.asyncDispose]();
  const { code, out, err } = await running;
  assert.deepEqual({ code, out }, { code: 1, out: "last words" });
  assert.match(err, /\nError: the serial connection was lost: \/dev\/pts\/\d+ hung up[^\n]*\n$/);
});

Deno.test("j SERIAL pipe fails when the exporter is gone", async () => {
  await using served = await serve({ serial: LOOP });
  let shown = "";
  const running = pipe(served, [], { input: open("x"), onOut: (text) => shown = text });
  await until(() => shown === "x");
  await served[Symbol.asyncDispose]();
  const { code, err } = await running;
  assert.equal(code, 1);
  assert.match(err, /\nError: [^\n]+\n$/);
});

Deno.test("j SERIAL pipe writes to a file, from its beginning or at its end", async () => {
  await using served = await serve({ serial: LOOP });
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "something long that was there before\n");
  for (
    const [args, text] of [[["-o", file], "one\n"], [["--output", file, "-a"], "two\n"]] as const
  ) {
    const { code, out, err } = await pipe(served, args, { input: bytes(text) });
    assert.deepEqual({ code, out }, { code: 0, out: "" });
    assert.ok(err.startsWith(`${COPYING}, and the serial port to ${file}; Ctrl-C ends this.\n`));
  }
  assert.equal(await Deno.readTextFile(file), "one\ntwo\n");
  await Deno.remove(file);
});

Deno.test("j SERIAL pipe names the file that it cannot write", async () => {
  await using served = await serve({ serial: LOOP });
  const reasons = {
    "/dev/full": "No space left",
    "/no-such-folder/x": "No such file",
    "/": "Is a",
  };
  for (const [file, reason] of Object.entries(reasons)) {
    const { code, err } = await pipe(served, ["-o", file], { input: open("x") });
    assert.equal(code, 1);
    const [, error = ""] = /\n(Error: [^\n]*)\n$/.exec(err) ?? [];
    assert.ok(error.startsWith(`Error: cannot write ${file}: ${reason}`), err);
  }
});

Deno.test("j SERIAL pipe --no-output sends all of its input, and ends with it", async () => {
  await using device = await serveDevice();
  // More than waits anywhere on the way to the device.
  const text = "0123456789abcde\n".repeat(200_000);
  const received = device.pty.receive(text.length);
  const ran = await pipe(device.served, ["--no-output"], { input: bytes(text) });
  assert.deepEqual(ran, { code: 0, out: "", err: `${COPYING}, until it ends.\n` });
  assert.equal(String(await received), text);
});

Deno.test("j SERIAL pipe --no-output fails when the port is lost before all was sent", async () => {
  await using device = await serveDevice();
  const running = pipe(device.served, ["--no-output"], { input: bytes("x".repeat(100_000)) });
  await device.pty.receive(1000);
  await device.pty[Symbol.asyncDispose]();
  const { code, err } = await running;
  assert.equal(code, 1);
  assert.match(err, /\nError: the serial connection was lost: \/dev\/pts\/\d+ [^\n]+\n$/);
});

Deno.test("j SERIAL pipe refuses options that contradict each other", async () => {
  await using served = await serve({ serial: LOOP });
  const mistakes: [string[], string][] = [
    [["-i", "--no-input"], "Cannot use both --input and --no-input"],
    [["--no-output", "-o", "x"], "Cannot use both --no-output and --output"],
    [["--no-output", "-a"], "Cannot use both --no-output and --append"],
    [["-a"], "--append requires --output"],
    [["--no-output", "--no-input"], "--no-output requires standard input"],
  ];
  for (const [args, message] of mistakes) {
    const { code, out, err } = await pipe(served, args);
    assert.deepEqual({ code, out }, { code: 1, out: "" });
    const usage = "Usage: j serial pipe [OPTIONS]\nTry 'j serial pipe --help' for help.\n\n";
    assert.ok(err.startsWith(`${usage}Error: ${message}`), err);
  }
});

/** Runs a shell script in which `j` is our program. */
async function shell({ socket }: Served, script: string) {
  const main = new URL("../../../main.ts", import.meta.url).pathname;
  const j = `j() { "${Deno.execPath()}" run -A --no-check "${main}" j "$@"; }`;
  const env = { JUMPSTARTER_HOST: socket, NO_COLOR: "1" };
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${j}\n${script}`],
    env,
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { out: decode(stdout), err: decode(stderr) };
}

Deno.test("j SERIAL pipe in shells: nobody reads, a full disk, no standard input", async () => {
  await using served = await serve({ serial: LOOP });
  const lines = "while echo x; do sleep 0.1; done";
  const head = await shell(
    served,
    `(${lines}) | j serial pipe | head -1; echo "\${PIPESTATUS[1]}"`,
  );
  assert.equal(head.out, "x\n141\n");
  assert.match(head.err, /^Copying [^\n]*\n$/);
  const full = await shell(served, "echo x | j serial pipe > /dev/full; echo $?");
  assert.equal(full.out, "1\n");
  assert.match(full.err, /\nError: [^\n]*No space left on device[^\n]*\n$/);
  const none = await shell(served, "j serial pipe <&-; echo $?");
  assert.equal(none.out, "0\n");
});
