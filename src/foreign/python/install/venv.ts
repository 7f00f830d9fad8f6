/** Makes virtual environments. @module */
import { basename, dirname, join } from "node:path";
import { openFolder } from "../../../files/walk.ts";
import type { Env } from "../../../python/places.ts";
import { exists } from "../../../files/stat.ts";
import { trustOptions } from "../../../python/trust.ts";

/** What a new environment needs. */
export interface VenvOptions<Filled> {
  /** The folder of the environment; one that is there is replaced. */
  readonly target: string;
  /** Makes an environment in a folder, and installs its packages. */
  fill(folder: string): Promise<Filled>;
}

/**
 * Makes an environment beside its place, and moves it there when it is complete. A failure, or
 * an end of this process, leaves what was there. The caller holds the lock of the parent folder.
 */
export async function makeEnvironment<Filled>(
  { target, fill }: VenvOptions<Filled>,
): Promise<Filled> {
  await removeLeftovers(target);
  const fresh = beside(target);
  try {
    const filled = await fill(fresh);
    await replacePath(fresh, target);
    await moveInto(fresh, target);
    return filled;
  } catch (error) {
    await remove(fresh);
    throw error;
  }
}

/**
 * Creates the folder that an environment stands in.
 *
 * @throws {UnsafePlace} if this is root and another user can change it.
 */
export async function makeParent(target: string, env: Env): Promise<string> {
  const parent = dirname(target);
  if (Deno.uid() === 0) {
    openFolder(parent, { ...trustOptions(env), create: 0o755 })[Symbol.dispose]();
  } else await Deno.mkdir(parent, { recursive: true, mode: 0o755 });
  return parent;
}

/** The beginning of the names of folders that exist only during an installation. */
function prefix(target: string): string {
  return `.${basename(target)}-`;
}

function beside(target: string): string {
  return join(dirname(target), prefix(target) + crypto.randomUUID());
}

/** Removes what an installation left that was killed. */
async function removeLeftovers(target: string): Promise<void> {
  const parent = dirname(target);
  for await (const { name, isDirectory } of Deno.readDir(parent)) {
    if (!isDirectory || !name.startsWith(prefix(target))) continue;
    const { uid } = await Deno.lstat(join(parent, name));
    if (uid === Deno.uid()) await remove(join(parent, name));
  }
}

async function moveInto(fresh: string, target: string): Promise<void> {
  const old = beside(target);
  if (exists(target)) await Deno.rename(target, old);
  await Deno.rename(fresh, target);
  await remove(old);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

/** Longest script in which a path is replaced, in bytes; those of packages have a few hundred. */
const MAX_SCRIPT = 256 * 1024;

/** Scripts name the path of their interpreter, which is that of the environment. */
async function replacePath(fresh: string, target: string): Promise<void> {
  const bin = join(fresh, "bin");
  const files = [join(fresh, "pyvenv.cfg")];
  for await (const { name, isFile } of Deno.readDir(bin)) if (isFile) files.push(join(bin, name));
  for (const file of files) {
    if ((await Deno.stat(file)).size > MAX_SCRIPT) continue;
    const text = new TextDecoder().decode(await Deno.readFile(file));
    // A program that is not a script does not survive the decoding, and does not name the path.
    if (text.includes("\0") || !text.includes(fresh)) continue;
    await Deno.writeTextFile(file, text.replaceAll(fresh, target));
  }
}
