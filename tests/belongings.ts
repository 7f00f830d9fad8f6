/** What this process has of the machine, as others can see it. @module */
import { childrenOf } from "./faults/footprint.ts";

/** Lists of names by kind: descriptors, ports, children, files. */
export type Belongings = Readonly<Record<string, readonly string[]>>;

/** Everything that this process has now, with the files that are in `dir`. */
export async function belongings(dir: string): Promise<Belongings> {
  const targets = descriptors();
  return {
    // Numbers of sockets and pipes differ from time to time; how many there are does not.
    descriptors: targets.map((target) => target.replace(/\d+/g, "N")),
    ports: listening(await Deno.readTextFile("/proc/self/net/tcp"), new Set(targets)),
    children: await childrenOf(Deno.pid),
    files: entries(dir),
  };
}

/** What `now` has more of than `before`. */
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

/** What the open descriptors stand for: `socket:[123]`, `/dev/null`, … */
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

/** A descriptor may be closed while they are listed. */
function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}
