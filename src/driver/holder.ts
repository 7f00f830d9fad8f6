/** Who has a device open, and who may open it. @module */

/** A process that has a file open. */
export interface Holder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

/** Longest search, in milliseconds. */
const SEARCH_MS = 1_000;
/** Longest command line in an error, in characters. */
const COMMAND_LENGTH = 60;

/**
 * A process that has `path` open. Others' descriptors are hidden from all but root,
 * and the search is short, so undefined does not mean that nobody has.
 */
export async function findHolder(path: string): Promise<Holder | undefined> {
  const deadline = performance.now() + SEARCH_MS;
  const device = await Deno.realPath(path).catch(() => path);
  for await (const { name } of entries("/proc")) {
    if (performance.now() > deadline) return undefined;
    if (/^\d+$/.test(name) && await holds(name, device)) {
      return { pid: Number(name), command: await commandOf(name) };
    }
  }
  return undefined;
}

async function holds(pid: string, device: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  for await (const { name } of entries(folder)) {
    const target = await Deno.readLink(`${folder}/${name}`).catch(() => "");
    if (target === device) return true;
  }
  return false;
}

/** What a folder holds; nothing when it cannot be read or vanishes, as processes do. */
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

/** The name of a group, or its number where /etc/group does not know it. */
export async function groupName(gid: number): Promise<string> {
  const lines = await Deno.readTextFile("/etc/group").catch(() => "");
  const fields = lines.split("\n").map((line) => line.split(":"));
  return fields.find((field) => field[2] === String(gid))?.[0] ?? String(gid);
}
