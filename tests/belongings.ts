/** Resources of this process: descriptors, ports, children, files. @module */
import { childrenOf } from "./faults/footprint.ts";

/** Lists of names by kind of resource. */
export type Belongings = Readonly<Record<string, readonly string[]>>;

/** The resources of this process now, with the files in `dir`. */
export async function belongings(dir: string): Promise<Belongings> {
  const targets = descriptors();
  return {
    // Replaces the numbers of sockets and pipes, which differ each time.
    descriptors: targets.map((target) => target.replace(/\d+/g, "N")),
    ports: listening(await Deno.readTextFile("/proc/self/net/tcp"), new Set(targets)),
    children: await childrenOf(Deno.pid),
    files: entries(dir),
  };
}

/** The resources in `now` that `before` did not have. */
export function additions(before: Belongings, now: Belongings): string[] {
  return Object.entries(now).flatMap(([kind, names]) => {
    const known = [...before[kind]!];
    const added = names.filter((name) => {
      const at = known.indexOf(name);
      if (at >= 0) known.splice(at, 1);
      return at < 0;
    });
    return added.map((name) => `${kind}: ${name}`);
  });
}

/** The targets of the open descriptors: `socket:[123]`, `/dev/null`, … */
function descriptors(): string[] {
  return entries("/proc/self/fd").map((name) => readLink(`/proc/self/fd/${name}`))
    .filter((target) => target !== "");
}

/** Addresses of listening sockets; proc(5): state 0A is LISTEN, the tenth column is the inode. */
function listening(table: string, own: ReadonlySet<string>): string[] {
  return table.split("\n").map((line) => line.trim().split(/\s+/))
    .filter((row) => row[3] === "0A" && own.has(`socket:[${row[9]}]`))
    .map((row) => row[1]!);
}

function entries(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name);
}

/** A descriptor may be closed during the listing. */
function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}
