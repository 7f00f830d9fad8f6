/**
 * The program's own files that are wanted after its start. The packed program unpacks itself
 * into a cache, which whoever tidies the host may remove while it runs; so each of them is held
 * open from the start, which costs no memory.
 *
 * @module
 */
import { openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** What is not loaded with `main.js`: folders beside it. */
const FOLDERS = ["src", "addons"];

/** Descriptors by the addresses of the files. */
const held = new Map<string, number>();
const copies = new Map<string, string>();

/**
 * Holds open what is beside a packed program's `main.js`. Addons that are gone from there are
 * looked for among the process's descriptors by their loader, in `scripts/build/native.ts`.
 */
export function holdProgram(main: string = Deno.mainModule): void {
  const folder = dirname(fileURLToPath(main));
  for (const name of FOLDERS) {
    for (const path of filesIn(`${folder}/${name}`)) {
      held.set(pathToFileURL(path).href, openSync(path, "r"));
    }
  }
}

/**
 * The address from which a worker's file can be loaded: its own, or where it is gone, that of
 * a copy of what was held open.
 *
 * @throws {Error} when it is gone and was not held.
 */
export function programFile(url: URL): string {
  if (url.protocol !== "file:" || statSync(url, { throwIfNoEntry: false })) return url.href;
  const copy = copies.get(url.href) ?? copyOf(url);
  copies.set(url.href, copy);
  return copy;
}

function copyOf(url: URL): string {
  const descriptor = held.get(url.href);
  if (descriptor === undefined) {
    const path = fileURLToPath(url);
    throw new Error(
      `Cannot go on without ${path}, a file of the program: expected it there, found that it was ` +
        "removed while the program runs; start the program again, and except the folder from " +
        "what tidies the host",
    );
  }
  const bytes = readFileSync(`/proc/self/fd/${descriptor}`);
  return URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
}

function* filesIn(folder: string): Generator<string> {
  if (!statSync(folder, { throwIfNoEntry: false })) return;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else yield path;
  }
}
