import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { holdProgram, programFile } from "./program.ts";

async function program() {
  const dir = await Deno.makeTempDir({ prefix: "jmp-program-" });
  await Deno.mkdir(`${dir}/src/deep`, { recursive: true });
  await Deno.writeTextFile(`${dir}/main.js`, "");
  await Deno.writeTextFile(`${dir}/src/deep/worker.js`, "postMessage('at work');");
  return {
    main: pathToFileURL(`${dir}/main.js`).href,
    worker: pathToFileURL(`${dir}/src/deep/worker.js`),
    remove: () => Deno.remove(dir, { recursive: true }),
  };
}

async function firstWord(url: string): Promise<unknown> {
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(event);
    });
  } finally {
    worker.terminate();
  }
}

Deno.test({
  name: "programFile() returns the file of a worker, or its content if the file was deleted",
  // The descriptors stay open until the process ends.
  sanitizeResources: false,
  async fn() {
    const { main, worker, remove } = await program();
    holdProgram(main);
    assert.equal(programFile(worker), worker.href);
    await remove();
    for (let turn = 0; turn < 2; turn++) {
      const copy = programFile(worker);
      assert.match(copy, /^blob:/);
      assert.equal(await firstWord(copy), "at work");
    }
  },
});

Deno.test("programFile() names a deleted file that was not held, with the remedy", async () => {
  const { worker, remove } = await program();
  await remove();
  assert.throws(() => programFile(worker), (error: Error) => {
    assert.ok(error.message.startsWith(`Cannot go on without ${worker.pathname}, a file of the`));
    assert.match(error.message, /start the program again, and exclude the folder/);
    return true;
  });
});

Deno.test("holdProgram() opens no files of a program without workers and addons", async () => {
  const dir = await Deno.makeTempDir({ prefix: "jmp-program-" });
  const held = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = held();
  holdProgram(pathToFileURL(`${dir}/main.js`).href);
  assert.equal(held(), before);
  await Deno.remove(dir, { recursive: true });
});
