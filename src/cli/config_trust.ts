/** Whether somebody else can change what an exporter reads, and so what it runs. @module */
import type { Env } from "../config/folders.ts";
import { UnsafePlace } from "../files/trust.ts";
import { trustedFile } from "../files/trusted_file.ts";

/**
 * What speaks against believing a config, and the file that has its token: a config names hooks
 * and drivers, which run as the exporter. A file that is not there is no problem; it may come
 * later, and so may its folder be made.
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
      // What cannot be read is told of by whoever reads it.
      if (!(error instanceof UnsafePlace)) continue;
      problems.push(`${path}: somebody else can change this ${what}: ${error.message}`);
    }
  }
  return problems;
}
