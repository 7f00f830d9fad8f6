/** Swaps a folder and a link by renameat2(2), as fast as a neighbour can. @module */
/// <reference lib="deno.worker" />
import { cString, functions } from "../../src/libc/libc.ts";

const libc = functions({
  renameat2: { parameters: ["i32", "buffer", "i32", "buffer", "u32"], result: "i32" },
});

/** Paths are absolute or relative to the current folder. */
const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

addEventListener("message", ({ data }: MessageEvent<{ folder: string; ms: number }>) => {
  const [folder, link] = [cString(`${data.folder}/d`), cString(`${data.folder}/l`)];
  let swaps = 0;
  for (const end = Date.now() + data.ms; Date.now() < end; swaps++) {
    libc().renameat2(AT_FDCWD, folder, AT_FDCWD, link, RENAME_EXCHANGE);
  }
  postMessage(swaps);
});
