/** Who can change an interpreter: root must not run the code of another user. @module */
import { dirname, join } from "node:path";
import { type TrustOptions, UnsafePlace } from "../files/trust.ts";
import { trustedFile } from "../files/trusted_file.ts";
import { openFolder } from "../files/walk.ts";
import type { Env } from "./places.ts";
import { exists } from "../files/stat.ts";

/** The exceptions to the rule of trust: a sticky folder, and the user who called sudo. */
export function trustOptions(
  { SUDO_UID }: Env,
): Pick<TrustOptions, "ownGroup" | "also" | "sticky"> {
  return { ownGroup: true, sticky: true, also: SUDO_UID ? Number(SUDO_UID) : undefined };
}

/**
 * Explains why root does not run an interpreter: another user can change it, or the packages of
 * its virtual environment. Other users run what they choose, as in a shell.
 *
 * @returns undefined if it can be run.
 * @throws {Error} if a file on its path cannot be looked at.
 */
export function distrustedInterpreter(python: string, env: Env): string | undefined {
  if (Deno.uid() !== 0) return undefined;
  const options = trustOptions(env);
  try {
    trustedFile(python, options);
    for (const folder of packageFolders(python)) openFolder(folder, options)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    if (!(error instanceof UnsafePlace)) throw error;
    return `other users can change it: ${error.message}`;
  }
}

/** The folders of packages in the virtual environment of an interpreter, if it is in one. */
function packageFolders(python: string): string[] {
  const root = dirname(dirname(python));
  if (!exists(join(root, "pyvenv.cfg"))) return [];
  const lib = join(root, "lib");
  const versions = exists(lib) ? Array.from(Deno.readDirSync(lib), ({ name }) => name) : [];
  return versions.map((name) => join(lib, name, "site-packages")).filter(exists);
}
