/** Files whose content is trusted, as that of programs is. @module */
import { dirname, resolve } from "node:path";
import { type FileInfo, OPEN, openAt } from "../libc/files.ts";
import { distrust, type TrustOptions, UnsafePlace } from "./trust.ts";
import { openFolder } from "./walk.ts";

/** Exceptions to the rule of trust. */
export type TrustedOptions = Pick<TrustOptions, "ownGroup" | "also">;

/**
 * Resolves a path to a file that only the exporter's user and root can change or replace:
 * neither the file, nor its folder and those above, nor the links that lead to it.
 *
 * @returns its real path.
 * @throws {UnsafePlace} if another user can, or if it is not a file.
 * @throws {SystemError} if a folder cannot be opened.
 * @throws {Deno.errors.NotFound} if there is no such file.
 */
export function trustedFile(path: string, options: TrustedOptions = {}): string {
  const real = Deno.realPathSync(path);
  const { type, ...ownership } = infoOf(real);
  for (const folder of new Set([dirname(resolve(path)), dirname(real)])) {
    openFolder(folder, options)[Symbol.dispose]();
  }
  const problem = distrust(real, ownership, options);
  if (problem) throw new UnsafePlace(problem);
  if (type !== "file") throw new UnsafePlace(`expected a file there, found a ${type}`);
  return real;
}

function infoOf(real: string): FileInfo {
  using file = openAt(undefined, real, OPEN.PATH | OPEN.NOFOLLOW);
  return file.info();
}
