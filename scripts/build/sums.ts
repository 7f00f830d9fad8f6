/** `checksums.txt`: the sums of all files of a release. @module */
import { createHash } from "node:crypto";

/** A file and its sums in hexadecimal. */
export interface Sum {
  readonly name: string;
  /** sha256. */
  readonly sum: string;
  /** SPDX requires this one. */
  readonly sha1: string;
}

/** Writes the sums of the files in `out`, as `sha256sum --check` reads them. */
export async function writeSums(out: string): Promise<readonly Sum[]> {
  const names = await Array.fromAsync(Deno.readDir(out), ({ name }) => name);
  const built = names.filter((name) =>
    /^jmp-linux-[a-z0-9]+$|\.deb$|^(install\.sh|NOTICES)$/.test(name)
  );
  const sums = await Promise.all(
    built.sort().map(async (name) => {
      const bytes = await Deno.readFile(`${out}/${name}`);
      const hash = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex");
      return { name, sum: hash("sha256"), sha1: hash("sha1") };
    }),
  );
  const lines = sums.map(({ name, sum }) => `${sum}  ${name}\n`);
  await Deno.writeTextFile(`${out}/checksums.txt`, lines.join(""));
  return sums;
}
