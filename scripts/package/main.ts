// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task package [--target x86_64|aarch64|all] [--out DIR]`: makes Debian packages
 * of the executables that `deno task build` left in `dist`, and updates the checksums.
 *
 * @module
 */
import { parseArgs } from "node:util";
import project from "../../deno.json" with { type: "json" };
import { originOf } from "../build/origin.ts";
import { writeSums } from "../build/sums.ts";
import { executableName, type Target, targetsOf } from "../build/targets.ts";
import { copyrightOf } from "./copyright.ts";
import { makeDeb } from "./deb.ts";
import { packageFiles } from "./layout.ts";

const root = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

/** Packages the executables in `out`, and returns the packages' paths. */
export async function packageAll(
  { targets, out }: { targets: readonly Target[]; out: string },
): Promise<readonly string[]> {
  const { version } = project;
  const { time } = await originOf(root);
  const packages: string[] = [];
  for (const target of targets) {
    const executable = `${out}/${executableName(target)}`;
    await Deno.stat(executable).catch(() => {
      throw new Error(`Cannot package: expected ${executable}; run deno task build first`);
    });
    const notices = `${out}/NOTICES`;
    const copyright = copyrightOf(JSON.parse(await Deno.readTextFile(`${out}/jmp.spdx.json`)));
    const files = packageFiles({ executable, notices, copyright, version, time });
    packages.push(await makeDeb({ target, version, files, time, out }));
  }
  await Deno.copyFile(`${root}/scripts/install.sh`, `${out}/install.sh`);
  await Deno.chmod(`${out}/install.sh`, 0o755);
  await writeSums(out);
  return packages;
}

if (import.meta.main) {
  const { values: { target, out } } = parseArgs({
    options: {
      target: { type: "string", default: "all" },
      out: { type: "string", default: `${root}/dist` },
    },
  });
  try {
    for (const path of await packageAll({ targets: targetsOf(target), out })) console.log(path);
  } catch (error) {
    console.error(`package: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
