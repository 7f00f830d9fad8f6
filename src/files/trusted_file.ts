/** Files whose content is believed, as programs are. @module */
import { dirname, resolve } from "node:path";
import { type FileInfo, OPEN, openAt } from "../libc/files.ts";
import { distrust, type TrustOptions, UnsafePlace } from "./trust.ts";
import { openFolder } from "./walk.ts";

/** How far the rule goes. */
export type TrustedOptions = Pick<TrustOptions, "ownGroup" | "also">;

/**
 * The real path of a file that nobody but the exporter's user and root can change or replace:
 * neither it, nor its folder and those above, nor what leads to it where it is a link.
 *
 * @throws {UnsafePlace} where somebody else can, or it is no file.
 * @throws {SystemError} where a folder cannot be opened, and what Deno throws where there is no file.
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
