/** `checksums.txt`: the sums of everything that a release consists of. @module */
import { createHash } from "node:crypto";

/** A file and its sum (sha256, hexadecimal). */
export interface Sum {
  readonly name: string;
  readonly sum: string;
}

/** Sums up what was built into `out`, in the form that `sha256sum --check` reads. */
export async function writeSums(out: string): Promise<readonly Sum[]> {
  const names = await Array.fromAsync(Deno.readDir(out), ({ name }) => name);
  const built = names.filter((name) => /^jmp-linux-[a-z0-9]+$|\.deb$|^install\.sh$/.test(name));
  const sums = await Promise.all(
    built.sort().map(async (name) => {
      const bytes = await Deno.readFile(`${out}/${name}`);
      return { name, sum: createHash("sha256").update(bytes).digest("hex") };
    }),
  );
  const lines = sums.map(({ name, sum }) => `${sum}  ${name}\n`);
  await Deno.writeTextFile(`${out}/checksums.txt`, lines.join(""));
  return sums;
}
