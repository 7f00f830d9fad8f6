/** Where custom driver files are, and whether they may be trusted. @module */
import { basename, dirname, join } from "node:path";
import { DriverError, messageOf } from "../mod.ts";

/** What the group and others may not do with a driver file or its folder: write. */
const WRITABLE_BY_OTHERS = 0o022;

/** Whether a file name is one of a driver: `.ts`, `.js` or `.mjs`, no declarations. */
export function isDriverFile(name: string): boolean {
  return /\.(ts|js|mjs)$/.test(name) && !/(^\.|\.d\.ts$)/.test(basename(name));
}

/**
 * The driver files of a folder by name; none where there is no such folder.
 *
 * @throws {DriverError} when the folder cannot be read.
 */
export async function listDriverFiles(dir: string): Promise<string[]> {
  try {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(dir)) if (isDriverFile(name)) names.push(name);
    return names.sort().map((name) => join(dir, name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new DriverError(`Cannot read the driver folder ${dir}: ${messageOf(error)}`);
  }
}

/**
 * The real path of a driver file that nobody but root and the current user can change.
 *
 * @throws {DriverError} when there is no such file, or others can write it, its folder, or
 * the folder of the link that leads to it.
 */
export async function secureFile(path: string): Promise<string> {
  const real = await found(path);
  const folder = await Deno.realPath(dirname(path));
  for (const place of new Set([folder, dirname(real), real])) await checkAccess(path, place);
  const { isFile } = await Deno.stat(real);
  if (!isFile) throw refusal(path, "expected a file there, found something else");
  return real;
}

async function found(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw refusal(path, messageOf(error));
    throw refusal(path, "expected a file there, found none; correct the path or install the file");
  }
}

async function checkAccess(path: string, place: string): Promise<void> {
  const { mode, uid } = await Deno.stat(place);
  if (uid !== null && uid !== 0 && uid !== Deno.uid()) {
    throw refusal(
      path,
      `expected ${place} to belong to root or to the exporter's user (uid ${Deno.uid()}), ` +
        `found uid ${uid}; look at what is in it, then run: chown ${Deno.uid()} ${quote(place)}`,
    );
  }
  if (mode !== null && (mode & WRITABLE_BY_OTHERS) !== 0) {
    throw refusal(
      path,
      `expected that only the owner can write ${place}, found mode ${octal(mode)}; ` +
        `look at what is in it, then run: chmod go-w ${quote(place)}`,
    );
  }
}

function refusal(path: string, why: string): DriverError {
  return new DriverError(`Cannot load the driver file ${path}: ${why}`);
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
