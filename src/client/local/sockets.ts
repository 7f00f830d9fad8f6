/** Finds the sockets of the exporters that run on this host. @module */
import { ROOT_FOLDER, runtimeFolders } from "../../files/runtime_folder.ts";
import { type LocalIdentity, parseSocketName } from "../../wire/local.ts";

/** The socket of an exporter, which may have ended. */
export interface LocalSocket extends Omit<LocalIdentity, "file"> {
  readonly path: string;
}

/** Where to search. */
export interface LocalSocketOptions {
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
  /** @default the process's user */
  readonly uid?: number;
  /** The runtime folder of root, and of the units of systemd in it. @default {@linkcode ROOT_FOLDER} */
  readonly root?: string;
}

/**
 * Finds them in the runtime folders of root, of systemd's units, and of this user. Folders in which
 * other users could put a socket of theirs are left out.
 */
export async function localSockets(options: LocalSocketOptions = {}): Promise<LocalSocket[]> {
  const found = await Promise.all((await folders(options)).map(socketsIn));
  return found.flat();
}

async function folders({
  env = (name) => Deno.env.get(name),
  uid = Deno.uid() ?? 0,
  root = ROOT_FOLDER,
}: LocalSocketOptions): Promise<string[]> {
  const units = (await entries(root)).filter(({ isDirectory }) => isDirectory);
  const own = await Promise.all(
    runtimeFolders(env, uid, root).map(async ({ path, isShared }) => {
      return isShared && !await isOwn(path, uid) ? [] : [path];
    }),
  );
  return [...new Set([root, ...units.map(({ name }) => `${root}/${name}`), ...own.flat()])];
}

async function socketsIn(folder: string): Promise<LocalSocket[]> {
  return (await entries(folder)).flatMap(({ name }) => {
    const identity = parseSocketName(name);
    return identity ? [{ ...identity, path: `${folder}/${name}` }] : [];
  });
}

/** Whether only `uid` can change a folder, which any user can have created. */
async function isOwn(folder: string, uid: number): Promise<boolean> {
  const info = await Deno.lstat(folder).catch(() => undefined);
  return info?.isDirectory === true && info.uid === uid && ((info.mode ?? 0) & 0o022) === 0;
}

/** The entries of a folder; none if it cannot be read. */
async function entries(folder: string): Promise<Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
}
