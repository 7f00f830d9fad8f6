/** Whether somebody else can change what an exporter reads, and so what it runs. @module */
import type { Env } from "../config/folders.ts";
import { UnsafePlace } from "../files/trust.ts";
import { trustedFile } from "../files/trusted_file.ts";

/**
 * Why a config, or the file with its token, cannot be trusted: a config names hooks and drivers,
 * which run as the exporter. A missing file or folder is no problem; it may be created later.
 */
export function distrustedFiles(
  { file, tokenFiles }: { readonly file: string; readonly tokenFiles: readonly string[] },
  env: Env,
): string[] {
  const sudo = Number(env["SUDO_UID"] || NaN);
  const options = { ownGroup: true, also: Deno.uid() === 0 ? sudo : undefined };
  const problems: string[] = [];
  for (const [path, what] of [[file, "config"], ...tokenFiles.map((path) => [path, "token"])]) {
    try {
      // A pipe is the caller's own.
      if (Deno.statSync(path!).isFile) trustedFile(path!, options);
    } catch (error) {
      // The reader of the file reports that it cannot be read.
      if (!(error instanceof UnsafePlace)) continue;
      problems.push(`${path}: somebody else can change this ${what}: ${error.message}`);
    }
  }
  return problems;
}
