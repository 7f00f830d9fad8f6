/** Finds the process that has a device open. @module */

/** A process that has a file open. */
export interface Holder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/** Longest search, in milliseconds. */
const SEARCH_MS = 5_000;
/** Longest command line in an error, in characters. */
const COMMAND_LENGTH = 60;

/**
 * Finds a process that has `path` open. Only root sees the descriptors of other users, and the
 * search is bounded, so undefined does not mean that no process has it open.
 */
export async function findHolder(path: string): Promise<Holder | undefined> {
  const deadline = performance.now() + SEARCH_MS;
  const device = await Deno.realPath(path).catch(() => path);
  let own: Holder | undefined;
  for await (const { name } of entries("/proc")) {
    if (performance.now() > deadline) break;
    if (!/^\d+$/.test(name) || !await holds(name, device)) continue;
    const holder = { pid: Number(name), command: await commandOf(name) };
    // The caller may have opened it for a test, so other processes take precedence.
    if (holder.pid !== Deno.pid) return holder;
    own = holder;
  }
  return own;
}

async function holds(pid: string, device: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for await (const { name } of entries(folder)) {
    const link = `${folder}/${name}`;
    const target = await Deno.readLink(link).catch(() => "");
    // Compares the inodes, too: /dev/pts/0 of a container is another device.
    if (target === device && await isSame(link, device)) return true;
  }
  return false;
}

async function isSame(link: string, path: string): Promise<boolean> {
  const [one, other] = await Promise.all([link, path].map((file) => {
    return Deno.stat(file).catch(() => undefined);
  }));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

/** The entries of a folder; none if it cannot be read, or vanishes with its process. */
async function* entries(folder: string): AsyncIterable<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch {
    return;
  }
}

async function commandOf(pid: string): Promise<string> {
  const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  const command = line.replaceAll("\0", " ").trim() || "unknown command";
  return command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}…` : command;
}
