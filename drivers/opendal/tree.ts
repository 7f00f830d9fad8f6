/**
 * Lists and removes folders with their contents through descriptors, which follow no link.
 *
 * @module
 */
import { type Descriptor, OPEN, openAtOnPool } from "../../src/libc/files.ts";
import { MAX_DEPTH, type Place, tooDeep } from "./jail.ts";
import { child } from "./path.ts";

/**
 * Lists the entries of a folder, directories with a slash at the end.
 *
 * @param name the folder's path in the storage.
 * @param enter whether to list the contents of an entry, too.
 */
export async function* entriesOf(
  folder: Descriptor,
  name: string,
  enter: (entry: string) => boolean,
  depth = 0,
): AsyncGenerator<string> {
  if (depth > MAX_DEPTH) throw tooDeep();
  for await (const { name: own, isDirectory } of Deno.readDir(folder.path)) {
    const entry = child(name, isDirectory ? `${own}/` : own);
    yield entry;
    if (!isDirectory || !enter(entry)) continue;
    using inner = await openInner(folder, own);
    if (inner) yield* entriesOf(inner, entry, enter, depth + 1);
  }
}

/** Removes the file or folder at a place; of the root only the contents. */
export async function removeTree({ folder, name, file, isRoot }: Place): Promise<void> {
  if (isRoot) await removeEntries(folder, 0);
  else if (file) await remove(folder, name, file.info().type === "directory", 0);
}

async function removeEntries(folder: Descriptor, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) throw tooDeep();
  for await (const { name, isDirectory } of Deno.readDir(folder.path)) {
    await remove(folder, name, isDirectory, depth);
  }
}

async function remove(
  folder: Descriptor,
  name: string,
  isDirectory: boolean,
  depth: number,
): Promise<void> {
  if (isDirectory) {
    using inner = await openInner(folder, name);
    if (inner) await removeEntries(inner, depth + 1);
  }
  await ifThere(Deno.remove(`${folder.path}/${name}`));
}

/** Opens a folder; undefined if it was removed or replaced since it was listed. */
async function openInner(folder: Descriptor, name: string): Promise<Descriptor | undefined> {
  try {
    return await openAtOnPool(folder, name, OPEN.PATH | OPEN.DIRECTORY | OPEN.NOFOLLOW);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Waits for an action, and ignores that its file does not exist. */
export async function ifThere(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
