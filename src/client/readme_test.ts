/** The example of the README, with an exporter. */
import assert from "node:assert/strict";
import { serve } from "../j/testing.ts";

const root = new URL("../../", import.meta.url).pathname;

Deno.test("the README's example runs", async () => {
  const readme = await Deno.readTextFile(new URL("./README.md", import.meta.url));
  const [, example] = /```ts\n([^]*?)```/.exec(readme)!;
  await using served = await serve({
    power: { type: "jumpstarter_driver_power.driver.MockPower" },
    flasher: { type: "jumpstarter_driver_opendal.driver.MockFlasher" },
    console: { type: "jumpstarter_driver_network.driver.EchoNetwork" },
  });
  const dir = await Deno.makeTempDir({ prefix: "jmp-readme-" });
  try {
    const text = example!.replaceAll('"./src/', `"${root}src/`);
    await Deno.writeTextFile(`${dir}/example.ts`, text);
    await Deno.writeFile(`${dir}/image`, new Uint8Array(3 << 20).fill(7));
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--check", "--config", `${root}deno.json`, `${dir}/example.ts`]
        .concat(served.socket, `${dir}/image`),
      env: { NO_COLOR: "1" },
    }).output();
    const lines = ['{"voltage":0,"current":0}', '{"voltage":5,"current":2}', "hello", ""];
    assert.equal(
      new TextDecoder().decode(stdout),
      lines.join("\n"),
      new TextDecoder().decode(stderr),
    );
    assert.deepEqual((await served.j(["flasher", "dump", `${dir}/dump`])).code, 0);
    assert.deepEqual(await Deno.readFile(`${dir}/dump`), await Deno.readFile(`${dir}/image`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
