/**
 * Stages the program as files that need only a runtime: the bundles of the programs and the native code
 * of one target. Both ways to make one file start from them.
 *
 *     main.js                    chooses the program
 *     src/…/main.js              our sources and the npm packages
 *     src/…/worker.js            the same for each worker
 *     addons/….node              native code of npm packages
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { packagesIn } from "./bundled.ts";
import { closeBundle } from "./closed.ts";
import { type Component, componentsOf } from "./components.ts";
import { type Used, usedPackages } from "./graph.ts";
import { Lock } from "./lock.ts";
import { type NativePackage, nativePackages, redirectNative } from "./native.ts";
import { noticesOf } from "./notices.ts";
import { unpackPackage } from "./npm.ts";
import { run } from "./run.ts";
import type { Target } from "./targets.ts";
import { inlineModules } from "./wasm.ts";
import { checkLeftovers, type Entries, findPrograms, redirectPrograms } from "./programs.ts";

/** How one file is made from the staged program. */
export type Via = "compile" | "pack";

/** What to stage. */
export interface StageOptions {
  /** The checkout. */
  readonly root: string;
  readonly target: Target;
  readonly via: Via;
  /** Printed by `jmp version`. */
  readonly commit: string;
  /** Folder that keeps npm's tarballs between builds. */
  readonly cache: string;
}

/** A staged program; disposing it removes its files. */
export interface Stage extends AsyncDisposable {
  /** The folder with the program. */
  readonly app: string;
  /** `main.js` and all others, as paths in `app`. */
  readonly programs: readonly string[];
  /** The components in it. */
  readonly components: readonly Component[];
}

/** Stages the program. @throws {Error} naming the tool that failed, with its output. */
export async function stage(options: StageOptions): Promise<Stage> {
  const { root } = options;
  const dir = await Deno.makeTempDir({ prefix: "jmp-build-" });
  const remove = () => Deno.remove(dir, { recursive: true });
  try {
    const entries = await copySources(dir, options);
    const lock = new Lock(await Deno.readTextFile(`${root}/deno.lock`));
    const used = await usedPackages(`${dir}/sources`, entries.all, lock);
    const native = nativePackages(lock, used.packages, options.target);
    await placeNative(dir, native, options);
    await redirectNative(`${dir}/sources`, native);
    const programs = entries.all.map((path) => path.replace(/\.ts$/, ".js"));
    await bundle(dir, entries);
    const components = await listComponents(dir, programs, used, native, options);
    await embedNotices(dir, entries, components);
    for (const path of programs) await closeBundle(`${dir}/app`, path);
    return { app: `${dir}/app`, programs, components, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Copies the sources, because the build changes some: build.json, the places of programs. */
async function copySources(dir: string, { root, via, commit }: StageOptions): Promise<Entries> {
  const sources = `${dir}/sources`;
  await Deno.mkdir(sources);
  const parts = ["main.ts", "deno.json", "deno.lock", "src", "drivers"];
  await run(["cp", "-r", ...parts, sources], { cwd: root });
  await Deno.writeTextFile(`${sources}/src/about/build.json`, JSON.stringify({ commit, via }));
  await inlineModules(sources);
  const programs = await findPrograms(sources);
  await redirectPrograms(sources, programs);
  await checkLeftovers(sources);
  return { programs, all: ["main.ts", ...programs] };
}

async function bundle(dir: string, { all }: Entries) {
  const flags = ["--platform", "deno", "--outdir", `${dir}/app`];
  await run([Deno.execPath(), "bundle", ...flags, ...all], { cwd: `${dir}/sources` });
}

/** Puts the JavaScript of each package beside our sources, its addon beside the bundles. */
async function placeNative(
  dir: string,
  native: readonly NativePackage[],
  { cache }: StageOptions,
): Promise<void> {
  for (const { main, addons } of native) {
    await unpackPackage(main, `${dir}/sources/addons/${main.name}`, cache);
    for (const addon of addons) {
      const place = `${dir}/unpacked/${addon.name}`;
      await unpackPackage(addon, place, cache);
      await Deno.mkdir(`${dir}/app/addons`, { recursive: true });
      const files = await Array.fromAsync(Deno.readDir(place), ({ name }) => name);
      for (const name of files.filter((name) => name.endsWith(".node"))) {
        await Deno.copyFile(`${place}/${name}`, `${dir}/app/addons/${name}`);
      }
    }
  }
}

/** Lists the packages in the bundles, without those that were left out. */
async function listComponents(
  dir: string,
  programs: readonly string[],
  { packages, folders }: Used,
  native: readonly NativePackage[],
  { target }: StageOptions,
): Promise<readonly Component[]> {
  const bundled = await packagesIn(`${dir}/app`, programs);
  const keyOf = ({ name, version }: { name: string; version: string }) => `${name}@${version}`;
  const unknown = [...bundled].filter((key) => !packages.some((entry) => keyOf(entry) === key));
  if (unknown.length > 0) throw new Error(`Cannot list ${unknown.join(", ")}: not in deno.lock`);
  const used = packages.filter((entry) => bundled.has(keyOf(entry)));
  const addons = native.flatMap(({ main, addons }) => [main, ...addons]);
  return await componentsOf([...used, ...addons], folders, target);
}

/** Bundles again with the notices, which depend on the contents of the first bundle. */
async function embedNotices(dir: string, entries: Entries, components: readonly Component[]) {
  const gzip = gzipSync(noticesOf(components), { level: 9 }).toString("base64");
  await Deno.writeTextFile(`${dir}/sources/src/about/notices.json`, JSON.stringify({ gzip }));
  await bundle(dir, entries);
}
