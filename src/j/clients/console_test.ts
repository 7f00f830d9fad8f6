/** `start-console` in a real terminal, with real terminals as devices. */
import assert from "node:assert/strict";
import { openPty } from "../../../drivers/pyserial/testing.ts";
import { Terminal } from "../../../tests/terminal.ts";
import { until } from "../../../tests/until.ts";
import { serve, type Served } from "../testing.ts";
import { untilEscape } from "./console.ts";

const TYPE = "jumpstarter_driver_pyserial.driver.PySerial";
const LOOP = { type: TYPE, config: { url: "loop://" } };
const LEAVE = "\x02\x02\x02";

const main = new URL("../../../main.ts", import.meta.url).pathname;

/** A console in a terminal of its own. */
class Console implements AsyncDisposable {
  readonly terminal = new Terminal();
  readonly before = this.terminal.settings();
  readonly #child: Deno.ChildProcess;
  #hungUp = false;

  constructor({ socket }: Served, options: readonly string[] = []) {
    const j = [Deno.execPath(), "run", "-A", "--no-check", main, "j"];
    const script = 'exec setsid --ctty "$@" <"$0" >"$0" 2>&1';
    this.#child = new Deno.Command("sh", {
      args: ["-c", script, this.terminal.path, ...j, "serial", "start-console", ...options],
      env: { JUMPSTARTER_HOST: socket, NO_COLOR: "1" },
      stdin: "null",
    }).spawn();
  }

  /** Resolves when keys go to the device. */
  async ready(): Promise<void> {
    await until(() => this.terminal.settings() !== this.before);
  }

  async shows(text: string | RegExp): Promise<void> {
    await until(() => {
      const { shown } = this.terminal;
      return typeof text === "string" ? shown.includes(text) : text.test(shown);
    });
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** The exit code, once the terminal was found to be as it was before. */
  async end(): Promise<number> {
    const { code } = await this.#child.status;
    assert.equal(this.terminal.settings(), this.before);
    return code;
  }

  /** Closes the terminal, and waits for the exit code. */
  async hangUp(): Promise<number> {
    this.#hungUp = true;
    this.terminal[Symbol.dispose]();
    return (await this.#child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    if (!this.#hungUp) this.terminal[Symbol.dispose]();
  }
}

/** Whether keys are passed on as they are, and output as well. */
function isRaw({ terminal: { path } }: Console): boolean {
  const { stdout } = new Deno.Command("stty", { args: ["-F", path, "-a"] }).outputSync();
  const settings = new TextDecoder().decode(stdout);
  return ["-isig", "-icanon", "-echo", "-icrnl", "-ixon", "-opost"]
    .every((setting) => new RegExp(`(?:^|\\s)${setting}\\b`).test(settings));
}

Deno.test("the console passes on every key, Ctrl-C too, until Ctrl-B is pressed three times", async () => {
  await using served = await serve({ serial: LOOP });
  await using session = new Console(served);
  await session.ready();
  assert.ok(isRaw(session));
  assert.match(session.terminal.shown, /CTRL\+B x 3/);
  session.terminal.type("ls\r\x03\x1a\x11\x13\x1c|");
  await session.shows("ls\r\x03\x1a\x11\x13\x1c|");
  session.terminal.type("\x02\x02x\x02");
  await session.shows("|\x02\x02x\x02");
  session.terminal.type("\x02\x02");
  assert.equal(await session.end(), 0);
});

Deno.test("the console talks to a device, whatever the size of the terminal", async () => {
  await using pty = openPty();
  await using served = await serve({ serial: { type: TYPE, config: { url: pty.path } } });
  await using session = new Console(served);
  await session.ready();
  session.terminal.type("whoami\r");
  assert.equal(String(await pty.receive(7)), "whoami\r");
  const { path } = session.terminal;
  new Deno.Command("stty", { args: ["-F", path, "rows", "50", "cols", "132"] }).outputSync();
  session.kill("SIGWINCH");
  // A line feed alone stays one: full-screen programs need it to move down.
  await pty.master.write(Buffer.from("ro\not# "));
  await session.shows("ro\not# ");
  session.terminal.type(LEAVE);
  assert.equal(await session.end(), 0);
});

Deno.test("the console sends what was typed just before it was left", async () => {
  await using pty = openPty();
  await using served = await serve({ serial: { type: TYPE, config: { url: pty.path } } });
  await using session = new Console(served);
  await session.ready();
  session.terminal.type(`reboot\r${LEAVE}`);
  assert.equal(await session.end(), 0);
  assert.equal(String(await pty.receive(9)), "reboot\r\x02\x02");
});

Deno.test("the console says why it ended when the device is unplugged", async () => {
  const pty = openPty();
  await using served = await serve({ serial: { type: TYPE, config: { url: pty.path } } });
  await using session = new Console(served);
  await session.ready();
  await pty.master.write(Buffer.from("last words"));
  await session.shows("last words");
  await pty[Symbol.asyncDispose]();
  assert.equal(await session.end(), 1);
  assert.match(
    session.terminal.shown,
    new RegExp(`\nError: the console has ended: ${pty.path} hung up or was unplugged\r\n$`),
  );
});

Deno.test("the console says why it could not begin, and leaves the terminal as it was", async () => {
  const config = { url: "/dev/no-such-port", check_present: false };
  await using served = await serve({ serial: { type: TYPE, config } });
  await using session = new Console(served);
  assert.equal(await session.end(), 1);
  assert.match(session.terminal.shown, /\nError: [^\n]*\/dev\/no-such-port[^\n]*\r\n$/);
});

Deno.test("the console ends when the exporter is gone", async () => {
  await using served = await serve({ serial: LOOP });
  await using session = new Console(served);
  await session.ready();
  await served[Symbol.asyncDispose]();
  assert.equal(await session.end(), 1);
  assert.match(session.terminal.shown, /\nError: .*(?:connection|stream).*\r\n$/);
});

Deno.test("signals end the console and leave the terminal as it was", async () => {
  await using served = await serve({ serial: LOOP });
  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const) {
    await using session = new Console(served);
    await session.ready();
    session.kill(signal);
    assert.equal(await session.end(), code);
  }
});

Deno.test("the console ends when its terminal hangs up", async () => {
  await using served = await serve({ serial: LOOP });
  await using session = new Console(served);
  await session.ready();
  assert.equal(await session.hangUp(), 129);
});

Deno.test("the console is raw again after it was stopped", async () => {
  await using served = await serve({ serial: LOOP });
  await using session = new Console(served);
  await session.ready();
  session.kill("SIGSTOP");
  new Deno.Command("stty", { args: ["-F", session.terminal.path, "sane"] }).outputSync();
  assert.ok(!isRaw(session));
  session.kill("SIGCONT");
  await until(() => isRaw(session));
  session.terminal.type(LEAVE);
  assert.equal(await session.end(), 0);
});

Deno.test("--scrollback shows what this lease has seen, and --log writes what is shown", async () => {
  await using pty = openPty();
  await using served = await serve({ serial: { type: TYPE, config: { url: pty.path } } });
  const log = await Deno.makeTempFile();
  {
    await using session = new Console(served, ["--log", log]);
    await session.ready();
    await pty.master.write(Buffer.from("U-Boot 2026\r\n"));
    await session.shows("U-Boot 2026");
    session.terminal.type(LEAVE);
    assert.equal(await session.end(), 0);
  }
  assert.equal(await Deno.readTextFile(log), "U-Boot 2026\r\n");
  {
    await using session = new Console(served, ["--scrollback", "--log", log, "--append"]);
    await session.shows("U-Boot 2026\r\n");
    await session.ready();
    await pty.master.write(Buffer.from("=> "));
    await session.shows("U-Boot 2026\r\n=> ");
    session.terminal.type(LEAVE);
    assert.equal(await session.end(), 0);
  }
  assert.equal(await Deno.readTextFile(log), "U-Boot 2026\r\nU-Boot 2026\r\n=> ");
  await Deno.remove(log);
});

Deno.test("the console ends when its log cannot be written", async () => {
  await using served = await serve({ serial: LOOP });
  await using session = new Console(served, ["--log", "/dev/full"]);
  await session.ready();
  session.terminal.type("x");
  assert.equal(await session.end(), 1);
  assert.match(session.terminal.shown, /\nError: cannot write \/dev\/full: No space left[^\n]*\n$/);
});

Deno.test("the console wants a terminal, before anything is opened", async () => {
  await using served = await serve({
    serial: { type: TYPE, config: { url: "/dev/no-such-port" } },
  });
  assert.deepEqual(await served.j(["serial", "start-console"]), {
    code: 1,
    out: "",
    err: "Error: standard input is not a terminal; 'j serial pipe' takes files and pipes\n",
  });
  const { code, err } = await served.j(["serial", "start-console", "-a"]);
  assert.equal(code, 1);
  assert.match(err, /^Usage: j serial start-console .*\n\nError: --append requires --log\n$/s);
});

Deno.test("untilEscape() finds the escape across chunks, and passes on what is before", async () => {
  const typed = async (...chunks: string[]) => {
    async function* keys() {
      for (const chunk of chunks) yield new TextEncoder().encode(chunk);
    }
    return Buffer.concat(await Array.fromAsync(untilEscape(keys()))).toString();
  };
  assert.equal(await typed("a\x02", "\x02", "\x02b", "c"), "a\x02\x02");
  assert.equal(await typed("a\x02\x02\x02b"), "a\x02\x02");
  assert.equal(await typed("\x02\x02a\x02", "\x02", "end"), "\x02\x02a\x02\x02end");
});
