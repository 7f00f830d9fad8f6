/** Folders with all that is in them, by descriptors: no link is followed. @module */
import { type Descriptor, OPEN, openAtOnPool } from "../../src/libc/files.ts";
import { MAX_DEPTH, type Place, tooDeep } from "./jail.ts";
import { child } from "./path.ts";

/**
 * What is in a folder, directories with a slash at the end.
 *
 * @param name the folder's path in the storage.
 * @param enter whether what is in an entry is listed, too.
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

/** Removes what is at a place; of the root what is in it. */
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

/** Undefined where the folder has gone or become something else since it was listed. */
async function openInner(folder: Descriptor, name: string): Promise<Descriptor | undefined> {
  try {
    return await openAtOnPool(folder, name, OPEN.PATH | OPEN.DIRECTORY | OPEN.NOFOLLOW);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Waits for an action to which it does not matter that there is nothing. */
export async function ifThere(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
