/**
 * Fetches npm packages as files, with npm itself, so that a site's registry and credentials (`.npmrc`)
 * apply. The hash of each package is checked against the lock file or the table of targets.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { run } from "./run.ts";

/** A package at an exact version. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Hash like `sha512-…` (base64). */
  readonly integrity: string;
}

/**
 * Unpacks a package into `dir`.
 *
 * @param cache a folder that keeps tarballs between builds
 * @throws {Error} if it cannot be fetched, or its hash differs.
 */
export async function unpackPackage(wanted: NpmPackage, dir: string, cache: string) {
  const tarball = await fetchPackage(wanted, cache);
  await Deno.mkdir(dir, { recursive: true });
  await run(["tar", "-xzf", tarball, "-C", dir, "--strip-components=1", "--no-same-owner"]);
}

async function fetchPackage(wanted: NpmPackage, cache: string): Promise<string> {
  const { name, version, integrity } = wanted;
  await Deno.mkdir(cache, { recursive: true });
  const kept = `${cache}/${name.replace("/", "+")}-${version}.tgz`;
  if (await hashOf(kept) === integrity) return kept;
  const fresh = await Deno.makeTempDir({ dir: cache, prefix: "fetch-" });
  try {
    await run(["npm", "pack", "--silent", `${name}@${version}`, "--pack-destination", fresh], {
      cwd: fresh,
    });
    const [file] = await Array.fromAsync(Deno.readDir(fresh), ({ name }) => `${fresh}/${name}`);
    const found = file && await hashOf(file);
    if (found !== integrity) {
      throw new Error(
        `Cannot use the npm package ${name}@${version}: expected ${integrity}, found ${found}; ` +
          "ask the registry's keeper what it delivers",
      );
    }
    await Deno.rename(file!, kept);
    return kept;
  } finally {
    await Deno.remove(fresh, { recursive: true });
  }
}

/** The file's hash as npm writes it, or undefined if there is no file. */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    return `sha512-${createHash("sha512").update(await Deno.readFile(file)).digest("base64")}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
