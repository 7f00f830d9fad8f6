/**
 * The files that the program loads after its start. The packed program unpacks itself into a
 * cache, which a clean-up of the host may remove while it runs; so it holds each of these files
 * open from its start, which costs no memory.
 *
 * @module
 */
import { openSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Folders beside `main.js` whose files are loaded later. */
const FOLDERS = ["src", "addons"];

/** Descriptors by the URLs of the files. */
const held = new Map<string, number>();
const copies = new Map<string, string>();

/** The variable by which the launcher tells its own path. */
const LAUNCHER = "JMP_LAUNCHER";

let launcherPath: string | undefined;

/** The path of the packed file that unpacked the program; undefined if it is not known. */
export function launcher(): string | undefined {
  return launcherPath;
}

/**
 * Opens the files beside a packed program's `main.js`, and takes note of its launcher, of which
 * child processes see nothing. If an addon was removed, its loader (see
 * `scripts/build/native.ts`) looks for it among the process's descriptors.
 */
export function holdProgram(main: string = Deno.mainModule): void {
  launcherPath = Deno.env.get(LAUNCHER);
  Deno.env.delete(LAUNCHER);
  const folder = dirname(fileURLToPath(main));
  for (const name of FOLDERS) {
    for (const path of filesIn(`${folder}/${name}`)) {
      held.set(pathToFileURL(path).href, openSync(path, "r"));
    }
  }
}

/**
 * The URL from which a worker's file can be loaded: its own or, if it was removed, that of a
 * copy of the file that was held open.
 *
 * @throws {Error} if it was removed and was not held open.
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
      `Cannot go on without ${path}, a file of the program: it was removed while the program ` +
        "runs; start the program again, and exclude the folder from the clean-up of this host",
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
