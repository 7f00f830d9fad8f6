// deno-lint-ignore-file no-console -- a command prints for its user.
/**
 * `deno task build [--target x86_64|aarch64|all] [--via compile|pack] [--out DIR]`: makes one
 * executable for each architecture, `checksums.txt`, an SPDX list of contents, and the notices
 * that the licenses require.
 *
 * @module
 */
import { parseArgs } from "node:util";
import project from "../../deno.json" with { type: "json" };
import { compile } from "./compile.ts";
import type { Component } from "./components.ts";
import { checkContents } from "./contents.ts";
import { noticesOf } from "./notices.ts";
import { type Origin, originOf } from "./origin.ts";
import { pack } from "./pack.ts";
import { run } from "./run.ts";
import { spdx } from "./sbom.ts";
import { stage, type Via } from "./stage.ts";
import { writeSums } from "./sums.ts";
import { executableName, type Target, targetsOf } from "./targets.ts";

const root = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const cache = `${root}/.cache/npm`;

/** Options of a build. */
export interface BuildOptions {
  readonly targets: readonly Target[];
  /** Undefined: compile, or pack if no base executable is available. */
  readonly via: Via | undefined;
  /** The folder to write to. */
  readonly out: string;
  /** The commit that `jmp version` prints. @default the checkout's commit */
  readonly commit?: string;
}

/** Builds the targets; files of other targets in `out` stay. */
export async function build({ targets, via, out, commit }: BuildOptions): Promise<void> {
  await Deno.mkdir(out, { recursive: true });
  const origin = { ...await originOf(root), ...(commit !== undefined && { commit }) };
  const found = new Map<string, Component>();
  for (const target of targets) {
    const used = await buildOne(target, via, `${out}/${executableName(target)}`, origin);
    for (const component of used) found.set(`${component.name}@${component.version}`, component);
  }
  const components = [...found.values()];
  await Deno.writeTextFile(`${out}/NOTICES`, noticesOf(components));
  const files = await writeSums(out);
  const { version } = project;
  const sbom = spdx({ version, ...origin, components, files });
  await Deno.writeTextFile(`${out}/jmp.spdx.json`, `${JSON.stringify(sbom, null, 2)}\n`);
}

async function buildOne(target: Target, via: Via | undefined, out: string, origin: Origin) {
  if (via !== "pack") {
    await using staged = await stage({ root, target, via: "compile", cache, ...origin });
    const files = await checkContents(staged, target);
    const { base, failure } = await compile({ ...staged, target, out });
    if (failure === undefined) {
      await tell(target, out, files, `compiled on the base from ${base}`);
      return staged.components;
    }
    const words = `Cannot compile for ${target.arch}: no base from ${base} (${failure})`;
    if (via === "compile") throw new Error(`${words}; set DENORT_BIN, or leave --via out`);
    console.log(`${words}; packing instead`);
  }
  await using staged = await stage({ root, target, via: "pack", cache, ...origin });
  const files = await checkContents(staged, target);
  const { app, components } = staged;
  const { version } = project;
  await pack({ app, target, version, time: origin.time, cache, out });
  await tell(target, out, files, `packed with ${target.runtime}@${Deno.version.deno} from npm`);
  return components;
}

async function tell(target: Target, out: string, files: readonly string[], how: string) {
  const { size } = await Deno.stat(out);
  const compressed = await run(["sh", "-c", 'gzip -c "$1" | wc -c', "sh", out]);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(`${out}: ${target.arch}, ${how}`);
  console.log(`  ${megabytes(size)}, compressed ${megabytes(Number(compressed))}; in it:`);
  for (const file of files) console.log(`    ${file}`);
}

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string", default: Deno.build.arch },
      via: { type: "string" },
      out: { type: "string", default: `${root}/dist` },
    },
  });
  const { target, via, out } = values;
  if (via !== undefined && via !== "compile" && via !== "pack") {
    throw new Error(`Cannot build via '${via}': expected compile or pack`);
  }
  await build({ targets: targetsOf(target), via, out });
  return 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    console.error(`build: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
