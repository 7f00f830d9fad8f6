/** Lists the files of custom drivers, and checks that they can be trusted. @module */
import { basename, join } from "node:path";
import { trustedFile } from "../../files/trusted_file.ts";
import { DriverError, messageOf } from "../../driver/mod.ts";

/** Whether a file name is that of a driver: `.ts`, `.js` or `.mjs`, but no declarations or tests. */
export function isDriverFile(name: string): boolean {
  return /\.(ts|js|mjs)$/.test(name) && !/^\.|\.d\.ts$|[._]test\.\w+$/.test(basename(name));
}

/**
 * Lists the driver files of a folder, sorted by name; none if the folder does not exist.
 *
 * @throws {DriverError} if the folder cannot be read.
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
 * The real path of a driver file that only root and the current user can change.
 *
 * @throws {DriverError} if the file does not exist, or if others can write it, one of the folders
 * above it, or one of those above a link to it.
 */
export function secureFile(path: string): string {
  try {
    return trustedFile(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "expected a file there, found none; correct the path or install the file"
      : messageOf(error);
    throw new DriverError(`Cannot load the driver file ${path}: ${why}`);
  }
}
