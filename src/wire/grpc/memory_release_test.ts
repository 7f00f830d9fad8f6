import assert from "node:assert/strict";

/** Takes some 60 MB in small pieces that lie between those that stay, and is idle then. */
const PROGRAM = `
  import { MemoryRelease } from ${
  JSON.stringify(new URL("memory_release.ts", import.meta.url).href)
};
  const rss = () => Deno.memoryUsage().rss / 1e6;
  let pieces = Array.from({ length: 60_000 }, () => new Uint8Array(1_000));
  const release = new MemoryRelease();
  release.watch(60e6);
  const before = rss();
  globalThis.kept = pieces.filter((_, index) => index % 100 === 0);
  pieces = undefined;
  release.watch(0);
  const end = setInterval(() => {
    if (rss() > before - 40) return;
    console.log("given back");
    clearInterval(end);
  }, 50);
  Deno.unrefTimer(setTimeout(() => Deno.exit(1), 20_000));
`;

Deno.test("memory goes back to the system once the calls that took it have ended", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--v8-flags=--expose-gc", PROGRAM.replaceAll(/^ {2}/gm, "")],
    cwd: new URL("../../..", import.meta.url).pathname,
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "given back\n", new TextDecoder().decode(stderr));
});
