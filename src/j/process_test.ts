/** `j` as a process: pipes that close, full disks, signals, exporters that vanish in a call. */
import assert from "node:assert/strict";
import { sleep } from "../base/sleep.ts";
import { firstOutput, serve, type Served } from "./testing.ts";

const TREE = { power: { type: "jumpstarter_driver_power.driver.MockPower" } };
const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** The words that start `j` in this checkout. */
const J = [Deno.execPath(), "run", "--allow-all", "--no-check", MAIN, "j"];

interface Ended {
  readonly code: number;
  readonly err: string;
}

async function withTree(use: (served: Served) => Promise<void>): Promise<void> {
  await using served = await serve(TREE);
  await use(served);
}

/** Runs a command line of bash, in which `j` is this program. */
async function bash({ socket }: Served, script: string): Promise<Ended> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", `j() { ${J.join(" ")} "$@"; }; ${script}`],
    env: { JUMPSTARTER_HOST: socket },
    stdin: "null",
  }).output();
  return { code, err: new TextDecoder().decode(stderr) };
}

Deno.test("j ends quietly with 141 when nobody reads its output", async () => {
  await withTree(async (served) => {
    for (const args of ["tree", "--help", "power read -n 0 -i 0", "call power read"]) {
      const first = await bash(served, `j ${args} | true; exit "\${PIPESTATUS[0]}"`);
      assert.deepEqual(first, { code: 141, err: "" }, args);
    }
  });
});

Deno.test("j stream ends quietly with 141 when nobody reads its output", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    using connection = await listener.accept();
    while (await connection.write(new Uint8Array(1000)).catch(() => 0) > 0) await sleep(5);
  })();
  const { port } = listener.addr;
  await using served = await serve({
    net: {
      type: "jumpstarter_driver_network.driver.TcpNetwork",
      config: { host: "127.0.0.1", port },
    },
  });
  const script = 'j stream net < /dev/zero | head -c 10; exit "${PIPESTATUS[0]}"';
  assert.deepEqual(await bash(served, script), { code: 141, err: "" });
  await serving;
});

Deno.test("j says that its output cannot be written, in one line", async () => {
  await withTree(async (served) => {
    for (const args of ["tree", "--help", "power read", "--version"]) {
      const { code, err } = await bash(served, `j ${args} > /dev/full`);
      assert.equal(code, 1, args);
      assert.match(
        err,
        /^Error: cannot write to standard output: No space left on device[^\n]*\n$/,
      );
    }
    assert.deepEqual(await bash(served, "j nope 2> /dev/full"), { code: 1, err: "" });
    assert.deepEqual(await bash(served, "j nope 2>&-"), { code: 1, err: "" });
    assert.deepEqual(await bash(served, "j power on >&- 2>&- <&-"), { code: 0, err: "" });
  });
});

Deno.test("j ends on Ctrl-C while a pipe has no other end, or nobody reads it", async () => {
  await using served = await serve({
    ...TREE,
    flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" },
    serial: { type: "jumpstarter_driver_pyserial.driver.PySerial", config: { url: "loop://" } },
  });
  const dir = await Deno.makeTempDir({ prefix: "jmp-j-fifo-" });
  try {
    const fifo = `${dir}/fifo`;
    const waits = [
      `j flasher flash ${fifo}`,
      `j flasher dump ${fifo}`,
      `j serial pipe -o ${fifo}`,
      `j serial pipe -i < /dev/zero > >(exec sleep 15)`,
    ];
    assert.deepEqual(await bash(served, "j flasher flash - < /tmp"), {
      code: 1,
      err: "Error: cannot read standard input: Is a directory\n",
    });
    for (const command of waits) {
      const script = `rm -f ${fifo}; mkfifo ${fifo}; timeout -s INT -k 9 2 bash -c '${command}'`;
      const { code, err } = await bash(served, `export -f j; ${script}`);
      assert.equal(code, 124, `${command}: ${err}`);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** A reading each hour, so that the run is still there when a signal comes. */
function startReading(socket: string): Deno.ChildProcess {
  const [program = "", ...args] = J;
  return new Deno.Command(program, {
    args: [...args, "power", "read", "-n", "0", "-i", "3600"],
    env: { JUMPSTARTER_HOST: socket },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("j ends with the code of the signal that ended it, without a word", async () => {
  await withTree(async ({ socket }) => {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const child = startReading(socket);
      const { rest } = await firstOutput(child);
      child.kill(signal);
      assert.equal((await child.status).code, code);
      await rest;
      assert.equal(await new Response(child.stderr).text(), "");
    }
  });
});
