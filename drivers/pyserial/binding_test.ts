import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { fileURLToPath } from "node:url";
import { DeviceError } from "../../src/driver/mod.ts";
import { checkPort, openPort } from "./binding.ts";
import { closeNow, lock } from "../../src/libc/descriptors.ts";
import { ioctlGet, ioctlStruct } from "../../src/libc/terminal.ts";
import { PortClosed } from "./port.ts";
import { openFiles, openPty, openSerial, rawOpen } from "./testing.ts";

/** struct termios2 as the kernel has it for `fd`: words at 0, 4, 8, 12 (flags), 36, 40 (rates). */
function termios2(fd: number): DataView {
  const bytes = new Uint8Array(44);
  ioctlStruct(fd, "TCGETS2", bytes);
  return new DataView(bytes.buffer);
}

const CONFIG = fileURLToPath(import.meta.resolve("../../deno.json"));
const HUPCL = 0o2000;
const cflag = (fd: number) => termios2(fd).getUint32(8, true);

for (const baudRate of [9600, 115200, 250000, 1234567]) {
  Deno.test(`openPort() sets ${baudRate} baud, raw 8N1`, async () => {
    await using pty = openPty();
    const port = await openPort({ path: pty.path, baudRate });
    const line = termios2(pty.master.fd);
    assert.equal(line.getUint32(40, true), baudRate);
    assert.equal(line.getUint32(36, true), baudRate);
    assert.equal(line.getUint32(0, true), 0);
    assert.equal(line.getUint32(4, true), 0);
    assert.equal(line.getUint32(12, true), 0);
    assert.equal(line.getUint32(8, true) & ~(0o10017 | HUPCL), 0o60 | 0o200 | 0o4000);
    assert.deepEqual(await port.getBaudRate(), { baudRate });
    await port.close();
  });
}

Deno.test("openPort() uses the rate's own code, which old programs read", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 115200 });
  const { stdout } = await new Deno.Command("stty", { args: ["-F", pty.path, "speed"] }).output();
  assert.equal(new TextDecoder().decode(stdout), "115200\n");
  await port.update({ baudRate: 230400 });
  assert.equal(termios2(pty.master.fd).getUint32(40, true), 230400);
  await port.close();
});

Deno.test("openPort() sets HUPCL, clears it, or leaves it as it was", async () => {
  await using pty = openPty();
  for (
    const [hupcl, expected] of [
      [true, HUPCL],
      [undefined, HUPCL],
      [false, 0],
      [undefined, 0],
    ] as const
  ) {
    const options = { path: pty.path, baudRate: 9600 };
    const port = await openPort(hupcl === undefined ? options : { ...options, hupcl });
    assert.equal(cflag(pty.master.fd) & HUPCL, expected);
    await port.close();
  }
});

Deno.test("disable_hupcl clears HUPCL and logs it", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600, hupcl: true });
  await port.close();
  await using serial = await openSerial({ url: pty.path, disable_hupcl: true });
  await serial.connect();
  assert.equal(cflag(pty.master.fd) & HUPCL, 0);
  assert.match(serial.logged.join(), /info: HUPCL is off/);
});

Deno.test("close() ends a pending read at once", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  const reading = port.read(Buffer.alloc(10), 0, 10);
  const closing = port.close();
  await assert.rejects(() => reading, PortClosed);
  await closing;
  await assert.rejects(() => port.write(Buffer.from("x")), PortClosed);
});

Deno.test("close() ends a pending write at once", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  const writing = port.write(new Uint8Array(1 << 20));
  const closing = port.close();
  await assert.rejects(() => writing, PortClosed);
  await closing;
});

Deno.test("a read from a device that is gone ends without an error", async () => {
  const pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  const reading = port.read(Buffer.alloc(10), 0, 10);
  await pty[Symbol.asyncDispose]();
  assert.equal((await reading).bytesRead, 0);
  await assert.rejects(() => port.write(Buffer.from("x")), { code: "EIO" });
  await port.close();
});

Deno.test("flush() discards what was received", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  await pty.master.write(Buffer.from("old"));
  await port.flush();
  await pty.master.write(Buffer.from("new"));
  const { buffer, bytesRead } = await port.read(Buffer.alloc(10), 0, 10);
  assert.equal(String(buffer.subarray(0, bytesRead)), "new");
  await port.drain();
  await port.close();
});

Deno.test("get() and set() report that a pty has no modem lines, but has a break", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  await assert.rejects(() => port.get(), { code: "ENOTTY" });
  await assert.rejects(() => port.set({ dtr: true }), { code: "ENOTTY" });
  await port.set({ brk: true });
  await port.set({ brk: false });
  await port.close();
});

Deno.test("poller serves many ports with one thread", async () => {
  const before = (await openFiles(/./)).length;
  const ptys = Array.from({ length: 64 }, () => openPty());
  const ports = await Promise.all(
    ptys.map(({ path }) => openPort({ path, baudRate: 9600 })),
  );
  const reads = ports.map((port) => port.read(Buffer.alloc(1), 0, 1));
  // This would never resolve if each wait occupied a thread of Deno's pool.
  await Deno.stat("/");
  await Promise.all(ptys.map(({ master }, index) => master.write(Uint8Array.of(index))));
  const answers = await Promise.all(reads);
  assert.deepEqual(answers.map(({ buffer }) => buffer[0]), ports.map((_, index) => index));
  await Promise.all(ports.map((port) => port.close()));
  await Promise.all(ptys.map((pty) => pty[Symbol.asyncDispose]()));
  assert.deepEqual(await openFiles(/pts|ptmx/), []);
  assert.equal((await openFiles(/./)).length, before);
});

for (const how of ["flock", "TIOCEXCL"]) {
  Deno.test(`openPort() names the process that holds the device by ${how}`, async () => {
    await using pty = openPty({ alone: true });
    const program = new URL("hold_testing.ts", import.meta.url).pathname;
    const holder = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", program, pty.path, how],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = holder.stdout.getReader();
    await reader.read();
    await assert.rejects(() => openPort({ path: pty.path, baudRate: 9600 }), (error) => {
      assert.ok(error instanceof DeviceError);
      assert.match(
        error.message,
        new RegExp(`exclusive access, but process ${holder.pid} \\(.*deno run`),
      );
      return true;
    });
    // What does not open a device is not kept out.
    await checkPort(pty.path);
    await holder.stdin.close();
    await reader.cancel();
    await holder.status;
  });
}

Deno.test("openPort() locks out others and leaves no TIOCEXCL on a pty", async () => {
  await using pty = openPty();
  const port = await openPort({ path: pty.path, baudRate: 9600 });
  const other = rawOpen(pty.path);
  assert.throws(() => lock(other), { code: "EAGAIN" });
  await assert.rejects(
    () => openPort({ path: pty.path, baudRate: 9600 }),
    /exclusive access, but another driver or lease of this exporter has it open \(EAGAIN\); close/,
  );
  await port.close();
  assert.equal(ioctlGet(other, "TIOCGEXCL"), 0);
  closeNow(other);
});

for (const check of [checkPort, (path: string) => openPort({ path, baudRate: 9600 })]) {
  const name = check === checkPort ? "checkPort" : "openPort";

  Deno.test(`${name}() reports a missing device`, async () => {
    await assert.rejects(
      async () => void await check("/dev/ttyNOPE"),
      /^HardwareProblem: Cannot open \/dev\/ttyNOPE: .*nothing at this path \(ENOENT\)/,
    );
  });

  Deno.test(`${name}() refuses files and other devices`, async () => {
    for (const path of ["/dev/null", "/etc/hostname", "/tmp"]) {
      await assert.rejects(
        async () => void await check(path),
        /^HardwareProblem: Cannot open .*: expected a serial device, found something else/,
        path,
      );
    }
  });
}

Deno.test("checkPort() accepts a pty", async () => {
  await using pty = openPty();
  await checkPort(pty.path);
});

/** Becomes nobody if it is root, who may access everything, and tries both functions. */
const AS_NOBODY = `
import { checkPort, openPort } from ${JSON.stringify(import.meta.resolve("./binding.ts"))};
import { becomeNobody } from ${JSON.stringify(import.meta.resolve("../../src/libc/testing.ts"))};
if (Deno.uid() === 0) becomeNobody();
const path = Deno.args[0];
for (const open of [checkPort, () => openPort({ path, baudRate: 9600 })]) {
  await open(path).then(() => console.log("no error"), (error) => console.log(error.message));
}`;

Deno.test("checkPort() and openPort() name the group that may use the device", async () => {
  await using pty = openPty();
  const { mode } = await Deno.stat(pty.path);
  await Deno.chmod(pty.path, 0o000);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, AS_NOBODY, pty.path],
    signal: AbortSignal.timeout(60_000),
  }).output();
  await Deno.chmod(pty.path, mode!);
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assert.equal(lines.length, 2, new TextDecoder().decode(stderr));
  for (const line of lines) assert.match(line, /found mode 000, group '\w+' \(EACCES\); .*group/);
});

Deno.test("a process can exit while a port waits for input", async () => {
  await using pty = openPty();
  const code = `
    import { openPort } from ${JSON.stringify(import.meta.resolve("./binding.ts"))};
    const port = await openPort({ path: Deno.args[0], baudRate: 9600 });
    port.read(Buffer.alloc(1), 0, 1);
    setTimeout(() => Deno.exit(42), 50);`;
  const { code: status } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", CONFIG, code, pty.path],
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert.equal(status, 42);
});
