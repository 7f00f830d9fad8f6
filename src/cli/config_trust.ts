/** Checks that other users cannot change a config, and so what the exporter runs. @module */
import type { Env } from "../config/folders.ts";
import { UnsafePlace } from "../files/trust.ts";
import { trustedFile } from "../files/trusted_file.ts";

/**
 * Lists why other users can change a config or its token files: a config names hooks and drivers,
 * which run as the exporter. A missing file or folder is not a problem; it may be created later.
 */
export function distrustedFiles(
  { file, tokenFiles }: { readonly file: string; readonly tokenFiles: readonly string[] },
  env: Env,
): string[] {
  const sudo = Number(env["SUDO_UID"] || NaN);
  // In a sticky folder, such as /tmp, others can add files, but cannot replace these.
  const also = Deno.uid() === 0 ? sudo : undefined;
  const options = { ownGroup: true, sticky: true, also };
  const problems: string[] = [];
  for (const [path, what] of [[file, "config"], ...tokenFiles.map((path) => [path, "token"])]) {
    try {
      // A pipe belongs to the caller, as with <(command).
      if (Deno.statSync(path!).isFile) trustedFile(path!, options);
    } catch (error) {
      // An unreadable file is reported when it is read.
      if (!(error instanceof UnsafePlace)) continue;
      problems.push(`${path}: other users can change this ${what}: ${error.message}`);
    }
  }
  return problems;
}
