/** The commands of `ShellClient`, with a driver that answers as the official one does. */
import assert from "node:assert/strict";
import { declareDriver, type Driver, type OpenContext, z } from "../../driver/mod.ts";
import { serve, type Served } from "../testing.ts";

const TYPE = "acme.Shell";

/** Methods by name: what each yields. */
const METHODS: Readonly<Record<string, (args: unknown[]) => unknown[]>> = {
  show: (args) => [[`${JSON.stringify(args)}\n`, "", null], ["", "", 0]],
  both: () => [["out 1\n", "err 1\n", null], ["out 2\n", "", 0]],
  fail: () => [["", "no such file\n", null], ["", "", 42]],
  killed: () => [["", "", -9]],
  lost: () => [["half", "", null]],
  "two words": () => [["two\n", "", 0]],
};

const shell = declareDriver({
  type: TYPE,
  client: "jumpstarter_driver_shell.client.ShellClient",
  config: z.object({ broken: z.boolean().default(false), methods: z.unknown().optional() }),
  load: () =>
    Promise.resolve({
      open({ config }: OpenContext<{ broken: boolean }>): Driver {
        if (config.broken) throw new Error("bash is missing");
        return {
          call: () => Promise.resolve(Object.keys(METHODS)),
          stream: (_, [name, ...args]) => METHODS[String(name)]!(args),
          bytes: () => Promise.reject(new Error("no byte streams")),
        };
      },
    }),
});

async function withShell(use: (served: Served) => Promise<void>): Promise<void> {
  await using served = await serve({
    sh: { type: TYPE, methods_description: { both: "Write to both" } },
    empty: { type: TYPE, config: { broken: true } },
    broken: { type: TYPE, config: { broken: true, methods: { ls: "ls" } } },
  }, { manifests: [shell] });
  await use(served);
}

Deno.test("j passes arguments and variables to a method of a shell as they are", async () => {
  const calls: [string[], unknown[]][] = [
    [[], [{}]],
    [["a", "-e", "b", "--", "--help"], [{}, "a", "-e", "b", "--", "--help"]],
    [["-e", "A=1", "--env", "B=x=y", "c"], [{ A: "1", B: "x=y" }, "c"]],
    [["-x", "-e", "A=1", "--json", "c"], [{ A: "1" }, "-x", "--json", "c"]],
    [["--", "-e", "b"], [{}, "-e", "b"]],
  ];
  await withShell(async ({ j }) => {
    for (const [args, expected] of calls) {
      const { code, out, err } = await j(["sh", "show", ...args]);
      assert.deepEqual({ code, err }, { code: 0, err: "" });
      assert.deepEqual(JSON.parse(out), expected);
    }
  });
});

Deno.test("j passes on what a method of a shell prints, and its exit code", async () => {
  await withShell(async ({ j }) => {
    assert.deepEqual(await j(["sh", "both"]), { code: 0, out: "out 1\nout 2\n", err: "err 1\n" });
    assert.deepEqual(await j(["sh", "fail"]), { code: 42, out: "", err: "no such file\n" });
    assert.deepEqual(await j(["sh", "killed"]), { code: 137, out: "", err: "" });
    assert.deepEqual(await j(["sh", "two words"]), { code: 0, out: "two\n", err: "" });
    const lost = await j(["sh", "lost"]);
    assert.deepEqual({ code: lost.code, out: lost.out }, { code: 1, out: "half" });
    assert.match(lost.err, /^Error: the exporter has not told how the command ended\n$/);
  });
});

Deno.test("j lists the methods of a shell, with their descriptions", async () => {
  await withShell(async ({ j }) => {
    const { out } = await j(["sh", "--help"]);
    assert.match(out, /\nCommands:\n {2}both {7}Write to both\n {2}fail {7}Run 'fail'\n/);
    const { err } = await j(["sh", "shw"]);
    assert.match(err, /\nError: No such command 'shw'. Did you mean 'show'\?\n$/);
    const wrong = await j(["sh", "show", "-e", "A"]);
    assert.match(
      wrong.err,
      /Invalid value for '--env' \/ '-e': expected KEY=VALUE, found 'A'\.\n$/,
    );
  });
});

Deno.test("j says why a shell is not available, once one of its methods is called", async () => {
  await withShell(async ({ j }) => {
    assert.match((await j(["broken", "--help"])).out, /\nCommands:\n {2}ls {2}Run 'ls'\n$/);
    for (const [name, ...args] of [["broken", "ls"], ["empty"], ["empty", "ls", "-x"]]) {
      assert.deepEqual(await j([name!, ...args]), {
        code: 1,
        out: "",
        err: `Error: driver '${name}' is not available: bash is missing\n`,
      });
    }
  });
});
