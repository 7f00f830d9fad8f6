/** `j` with an exporter of ours: help, mistakes and exit codes, which are those of the official client. */
import assert from "node:assert/strict";
import { runAlone, serve, type Served } from "./testing.ts";

const MOCK = "jumpstarter_driver_power.driver.MockPower";
const COMPOSITE = "jumpstarter_driver_composite.driver.Composite";

const TREE = {
  power: { type: MOCK },
  board: {
    type: COMPOSITE,
    children: { inner: { type: MOCK, description: "Main switch" } },
  },
  named: { type: MOCK, methods_description: { on: "Wake the board" } },
};

/** An exporter that all tests of this file share. */
async function withTree(use: (served: Served) => Promise<void>): Promise<void> {
  await using served = await serve(TREE);
  await use(served);
}

Deno.test("j calls a driver at any depth, and prints nothing about success", async () => {
  await withTree(async ({ j }) => {
    for (const args of [["power", "on"], ["board", "inner", "off"]]) {
      assert.deepEqual(await j(args), { code: 0, out: "", err: "" });
    }
  });
});

Deno.test("j reaches the drivers below a reference, which the report has twice", async () => {
  await using served = await serve({ ...TREE, alias: { ref: "board" }, again: { ref: "board" } });
  for (const name of ["board", "alias", "again"]) {
    assert.match((await served.j([name, "inner", "read"])).out, /^voltage=0\.0 V/);
  }
});

Deno.test("j prints help in the layout of click, to standard output", async () => {
  await withTree(async ({ j }) => {
    assert.deepEqual(await j(["named", "--help"]), {
      code: 0,
      err: "",
      out: `Usage: j named [OPTIONS] COMMAND [ARGS]...

  Power switch

Options:
  --help  Show this help

Commands:
  cycle  Switch off, wait, and switch on
  off    Switch off
  on     Wake the board
  read   Print voltage, current and power
`,
    });
    const { out } = await j(["--help"]);
    assert.match(out, /^Usage: j \[OPTIONS\] COMMAND \[ARGS\]\.\.\.\n/);
    assert.match(
      out,
      /\n {2}board {2}Group of drivers\n {2}named {2}Power switch\n {2}power {2}Power switch\n\nCommands for any driver:\n/,
    );
    assert.match((await j(["board", "--help"])).out, /\nCommands:\n {2}inner {2}Main switch\n$/);
  });
});

Deno.test("j prints help to standard error where a command is missing, and fails", async () => {
  await withTree(async ({ j }) => {
    for (const args of [[], ["power"], ["board"], ["board", "inner"]]) {
      const { code, out, err } = await j(args);
      assert.deepEqual({ code, out }, { code: 1, out: "" }, args.join(" "));
      assert.match(err, /^Usage: j .*COMMAND/, args.join(" "));
    }
  });
});

Deno.test("j names mistakes with the usage of their command, and fails with 1", async () => {
  const mistakes: [string[], string, string][] = [
    [["nope"], "j [OPTIONS] COMMAND [ARGS]...", "No such command 'nope'."],
    [
      ["power", "onn"],
      "j power [OPTIONS] COMMAND [ARGS]...",
      "No such command 'onn'. Did you mean 'on'?",
    ],
    [["power", "on", "-h"], "j power on [OPTIONS]", "No such option '-h'."],
    [
      ["power", "on", "x", "y"],
      "j power on [OPTIONS]",
      "Got unexpected extra arguments (x y)",
    ],
    [
      ["board", "inner", "cycle", "-w", "x"],
      "j board inner cycle [OPTIONS]",
      "Invalid value for '--wait' / '-w': 'x' is not a valid integer.",
    ],
    [
      ["board", "inner", "cycle", "--wait"],
      "j board inner cycle [OPTIONS]",
      "Option '--wait' requires an argument.",
    ],
    [["power", "read", "-n"], "j power read [OPTIONS]", "Option '-n' requires an argument."],
    [
      ["--log-level", "LOUD", "power", "on"],
      "j [OPTIONS] COMMAND [ARGS]...",
      "Invalid value for '--log-level': 'LOUD' is not one of 'DEBUG', 'INFO', 'WARNING', 'ERROR', " +
      "'CRITICAL'.",
    ],
  ];
  await withTree(async ({ j }) => {
    for (const [args, usage, message] of mistakes) {
      const command = usage.slice(0, usage.indexOf(" ["));
      assert.deepEqual(await j(args), {
        code: 1,
        out: "",
        err: `Usage: ${usage}\nTry '${command} --help' for help.\n\nError: ${message}\n`,
      });
    }
  });
});

Deno.test("j power read prints readings as the official client does, or as JSON", async () => {
  await withTree(async ({ j }) => {
    const lines = "voltage=0.0 V  current=0.0 A  apparent_power=0.0 VA\n" +
      "voltage=5.0 V  current=2.0 A  apparent_power=10.0 VA\n";
    assert.deepEqual(await j(["power", "read"]), { code: 0, out: lines, err: "" });
    const twice = await j(["power", "read", "-n", "2", "--interval=0"]);
    assert.equal(twice.out, lines + lines);
    const none = await j(["power", "read", "--count=-1"]);
    assert.deepEqual(none, { code: 0, out: "", err: "" });
    for (const args of [["--json", "power", "read"], ["power", "read", "--json"]]) {
      const json = (await j(args)).out.trim().split("\n");
      assert.deepEqual(json.map((line) => JSON.parse(line)), [
        { voltage: 0, current: 0 },
        { voltage: 5, current: 2 },
      ]);
    }
  });
});

Deno.test("j ends with 130 on Ctrl-C, without a word", async () => {
  await withTree(async ({ j }) => {
    const interrupt = AbortSignal.timeout(300);
    const { code, err } = await j(["power", "read", "-n", "0", "-i", "60"], { interrupt });
    assert.deepEqual({ code, err }, { code: 130, err: "" });
  });
});

Deno.test("j power cycle waits for as long as it is told, and for no negative time", async () => {
  await withTree(async ({ j }) => {
    for (const wait of ["-1", "-99999999999"]) {
      const { code, out, err } = await j(["power", "cycle", "--wait", wait]);
      assert.deepEqual({ code, out }, { code: 1, out: "" });
      assert.match(
        err,
        /^Error: Invalid value for '--wait' \/ '-w': -\d+ is not in the range x>=0\.$/m,
      );
    }
    const interrupt = AbortSignal.timeout(500);
    const { code } = await j(["power", "cycle", "--wait", "99999999999"], { interrupt });
    assert.equal(code, 130);
  });
});

Deno.test("j says how an exporter is named where none is, and prints its help all the same", async () => {
  const lost = await runAlone(["power", "on"]);
  assert.deepEqual({ code: lost.code, out: lost.out }, { code: 1, out: "" });
  assert.match(lost.err, /^Error: no exporter is named: .*--tls-grpc HOST:PORT\n$/);
  const help = await runAlone(["--help"]);
  assert.equal(help.code, 0);
  assert.match(help.out, /^Usage: j \[OPTIONS\][^]*no exporter is named/);
  assert.match((await runAlone(["--version"])).out, /^j \d/);
});

Deno.test("j names the exporter that it cannot reach", async () => {
  const env = { JUMPSTARTER_HOST: "/tmp/there-is-no-such-socket" };
  const { code, err } = await runAlone(["power", "on"], { env });
  assert.equal(code, 1);
  assert.match(
    err,
    /^Error: .*exporter at \/tmp\/there-is-no-such-socket: there is no such socket\n$/,
  );
});
