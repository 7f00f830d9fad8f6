/** What `j` does with exporters that vanish, are not ready, or send texts that could do harm. */
import assert from "node:assert/strict";
import { declareDriver, type Driver, z } from "../driver/mod.ts";
import { DriverError } from "../wire/error.ts";
import { Output, type Stream } from "./output.ts";
import { serve } from "./testing.ts";

/** Steers a terminal, and says something else than it shows. */
const EVIL = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\r\n  | fake\u0085";

/** Called when a call begins that is never answered. */
let onHang = () => {};

/** A driver that never answers, and others that answer with such texts. */
const evil = declareDriver({
  type: "acme.Evil",
  client: "acme.client.Evil",
  config: z.object({}),
  load: () =>
    Promise.resolve({
      open: (): Driver => ({
        async call(method) {
          if (method === "hang") {
            onHang();
            await new Promise(() => {});
          }
          if (method === "fail") throw new DriverError(EVIL);
          if (method === "lines") throw new DriverError("not found\n\nContext:\n   path: x\n");
          if (method === "long") throw new DriverError("x".repeat(200_000));
          return EVIL;
        },
        stream: () => [],
        bytes: () => Promise.reject(new DriverError("no byte streams")),
      }),
    }),
});

const TREE = {
  evil: { type: "acme.Evil", description: EVIL },
  [EVIL]: { type: "acme.Evil" },
};

Deno.test("j escapes what could steer the terminal, in errors, values and help", async () => {
  await using served = await serve(TREE, { manifests: [evil] });
  const value = await served.j(["call", "evil", "text"]);
  assert.equal(JSON.parse(value.out), EVIL);
  const runs = [
    value,
    ...await Promise.all([
      served.j(["call", "evil", "fail"]),
      served.j(["--help"]),
      served.j(["evil", "--help"]),
      served.j([EVIL, "--help"]),
      served.j(["tree"]),
      served.j(["tree", "--json"]),
      served.j([EVIL]),
      served.j(["call", EVIL, "x"]),
    ]),
  ];
  for (const { out, err } of runs) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(out + err, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.doesNotMatch(out + err, /^ {2}\| fake/m, "no line looks like one of the program");
  }
});

Deno.test("j prints an error of several lines as one", async () => {
  await using served = await serve(TREE, { manifests: [evil] });
  const { err } = await served.j(["call", "evil", "lines"]);
  assert.equal(err, "Error: not found Context: path: x\n");
});

Deno.test("j cuts long errors", async () => {
  await using served = await serve(TREE, { manifests: [evil] });
  const { code, err } = await served.j(["call", "evil", "long"]);
  assert.equal(code, 1);
  assert.match(err, /^Error: x+ \.\.\. \[\d+ characters left out\] \.\.\. x+\n$/);
  assert.ok(err.length < 20_000);
});

Deno.test("j says that the connection was lost during a call", async () => {
  await using served = await serve(TREE, { manifests: [evil] });
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  onHang = resolve;
  const hanging = served.j(["call", "evil", "hang"]);
  await begun;
  await served[Symbol.asyncDispose]();
  assert.deepEqual(await hanging, {
    code: 1,
    out: "",
    err: "Error: the connection to the exporter was lost\n",
  });
});

Deno.test("j says that an exporter is not ready, and waits for its beforeLease hook", async () => {
  await using failed = await serve(TREE, {
    manifests: [evil],
    hooks: { beforeLease: { script: "exit 3", onFailure: "endLease" } },
  });
  assert.deepEqual(await failed.j(["call", "evil", "text"]), {
    code: 1,
    out: "",
    err: "Error: Exporter not ready for driver calls (status: BEFORE_LEASE_HOOK_FAILED): " +
      "beforeLease hook failed (on_failure=endLease): Hook failed with exit code 3\n",
  });
  await using slow = await serve(TREE, {
    manifests: [evil],
    hooks: { beforeLease: { script: "sleep 1" } },
  });
  assert.equal((await slow.j(["call", "evil", "text"])).code, 0);
});

/** Keeps what is written to a terminal. */
function terminal(): Stream & { text: string } {
  return {
    text: "",
    write(bytes) {
      return Promise.resolve(this.writeSync(bytes));
    },
    writeSync(bytes) {
      this.text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
    isTerminal: () => true,
  };
}

Deno.test("errors are red on a terminal, unless NO_COLOR is set", () => {
  const shown = (name: string, value: string) => {
    const before = Deno.env.get(name);
    Deno.env.set(name, value);
    try {
      const error = terminal();
      new Output(terminal(), error).error("Error: no");
      return error.text;
    } finally {
      if (before === undefined) Deno.env.delete(name);
      else Deno.env.set(name, before);
    }
  };
  assert.equal(shown("TERM", "xterm"), "\x1b[31mError: no\x1b[0m\n");
  assert.equal(shown("NO_COLOR", "1"), "Error: no\n");
  assert.equal(shown("TERM", "dumb"), "Error: no\n");
});
