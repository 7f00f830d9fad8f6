/** Files whose content is trusted, as that of programs is. @module */
import { dirname, resolve } from "node:path";
import { type FileInfo, OPEN, openAt } from "../libc/files.ts";
import { distrust, type TrustOptions, UnsafePlace } from "./trust.ts";
import { openFolder } from "./walk.ts";

/** Exceptions to the rule of trust. */
export type TrustedOptions = Pick<TrustOptions, "ownGroup" | "also" | "sticky">;

/**
 * Resolves a path to a file that only the exporter's user and root can change or replace:
 * neither the file, nor a link that leads to it, nor their folders and those above.
 *
 * @returns its real path.
 * @throws {UnsafePlace} if another user can, or if it is not a file.
 * @throws {SystemError} if a folder cannot be opened.
 * @throws {Deno.errors.NotFound} if there is no such file.
 */
export function trustedFile(path: string, options: TrustedOptions = {}): string {
  const real = Deno.realPathSync(path);
  for (const place of new Set([...placesOf(path), real])) {
    openFolder(dirname(place), options)[Symbol.dispose]();
    const problem = distrust(place, infoOf(place), options);
    if (problem) throw new UnsafePlace(problem);
  }
  const { type } = infoOf(real);
  if (type !== "file") throw new UnsafePlace(`expected a file there, found a ${type}`);
  return real;
}

/** The path, and where each link at its end leads. */
function placesOf(path: string): string[] {
  const place = resolve(path);
  if (infoOf(place).type !== "link") return [place];
  return [place, ...placesOf(resolve(Deno.realPathSync(dirname(place)), Deno.readLinkSync(place)))];
}

function infoOf(place: string): FileInfo {
  using file = openAt(undefined, place, OPEN.PATH | OPEN.NOFOLLOW);
  return file.info();
}
