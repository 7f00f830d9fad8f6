/** Tests that orphans and own children are distinguished, even if threads are late. */
import assert from "node:assert/strict";

const orphans = new URL("orphans.ts", import.meta.url).href;

/** Starts children with different exit codes, and blocks the thread while they end. */
const BUSY = `
  // Blocks the thread without using the processor.
  const busy = (ms) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const codes = [];
  for (let round = 0; round < 3; round++) {
    const children = Array.from({ length: 10 }, (_, code) => {
      return new Deno.Command("sh", { args: ["-c", "sleep 0.3; exit " + (code + 1)] }).spawn();
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    busy(2_500);
    for (const child of children) codes.push((await child.status).code);
  }
`;

const PROGRAM = `
  import { reapOrphans } from "${orphans}";
  using _ = reapOrphans();
  await new Deno.Command("sh", { args: ["-c", "for i in 1 2 3 4 5; do (setsid sleep 0.1 &); done"] })
    .output();
  const source = ${JSON.stringify(`${BUSY} self.postMessage(codes);`)};
  const worker = new Worker("data:text/javascript," + encodeURIComponent(source), { type: "module" });
  const theirs = await new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
  ${BUSY}
  console.log(JSON.stringify({ ours: codes, theirs }));
  worker.terminate();
  for (let tries = 0; tries < 100; tries++) {
    const zombies = [...Deno.readDirSync("/proc")].filter(({ name }) => {
      return /^\\d+$/.test(name) && /\\) Z /.test(Deno.readTextFileSync("/proc/" + name + "/stat"));
    });
    if (zombies.length === 0) Deno.exit(0);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  Deno.exit(1);
`;

Deno.test("reapOrphans() reaps orphans, and leaves exit codes to the threads that started the children", async () => {
  assert.equal(Deno.uid(), 0, "this test runs as root");
  const dir = await Deno.makeTempDir({ prefix: "jmp-orphans-" });
  try {
    await Deno.writeTextFile(`${dir}/main.ts`, PROGRAM);
    const { code, stdout, stderr } = await new Deno.Command("unshare", {
      args: [
        ...["--pid", "--fork", "--kill-child", "--mount-proc", Deno.execPath()],
        ...["run", "-A", "--no-check", "--no-lock", `${dir}/main.ts`],
      ],
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.equal(code, 0, decode(stderr));
    const once = Array.from({ length: 10 }, (_, index) => index + 1);
    const codes = [...once, ...once, ...once];
    assert.deepEqual(JSON.parse(decode(stdout)), { ours: codes, theirs: codes });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
