/** Finds the sockets of the exporters that run on this host. @module */
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
  /** The runtime folder of root, and of the units of systemd in it. @default `/run/jumpstarter` */
  readonly root?: string;
}

/**
 * Finds them in the runtime folders of root, of systemd's units, and of this user; see
 * files/runtime_folder.ts. Folders in which other users could put a socket of theirs are left out.
 */
export async function localSockets(options: LocalSocketOptions = {}): Promise<LocalSocket[]> {
  const found = await Promise.all((await folders(options)).map(socketsIn));
  return found.flat();
}

async function folders(
  { env = (name) => Deno.env.get(name), uid = Deno.uid() ?? 0, root = "/run/jumpstarter" }:
    LocalSocketOptions,
): Promise<string[]> {
  const units = (await entries(root)).filter(({ isDirectory }) => isDirectory);
  const own = `${env("XDG_RUNTIME_DIR") || `/run/user/${uid}`}/jumpstarter`;
  const temporary = `/tmp/jumpstarter-${uid}`;
  const [systemd] = (env("RUNTIME_DIRECTORY") ?? "").split(":");
  const all = [
    root,
    ...units.map(({ name }) => `${root}/${name}`),
    ...(uid === 0 ? [] : [own]),
    ...(await isOwn(temporary, uid) ? [temporary] : []),
    ...(systemd ? [systemd] : []),
  ];
  return [...new Set(all)];
}

async function socketsIn(folder: string): Promise<LocalSocket[]> {
  return (await entries(folder)).flatMap(({ name }) => {
    const identity = parseSocketName(name);
    return identity ? [{ ...identity, path: `${folder}/${name}` }] : [];
  });
}

/** Any user can create a folder in `/tmp`. */
async function isOwn(folder: string, uid: number): Promise<boolean> {
  const info = await Deno.lstat(folder).catch(() => undefined);
  return info?.isDirectory === true && info.uid === uid && ((info.mode ?? 0) & 0o022) === 0;
}

/** The entries of a folder; none if it cannot be read. */
async function entries(folder: string): Promise<Deno.DirEntry[]> {
  return await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
}
