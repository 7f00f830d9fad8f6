/**
 * What the first process of a container owes the others: an orphan's end is for it to hear of,
 * or the orphan stays a zombie for ever. Hooks, and what drivers start, leave orphans.
 *
 * Deno waits for its own children itself, and must be the one to hear how they ended. It keeps
 * a pidfd of each, so a zombie that a pidfd of ours names is not touched. Where the kernel has no
 * pidfd (before 5.3), a child of Deno's is a zombie for a turn of the event loop at most: what
 * is still one at the third look, a second later, is an orphan.
 *
 * @module
 */
import { hasZombie, reap } from "../libc/children.ts";

/** How often to look, in milliseconds, and how many looks a zombie outlives. */
const LOOK_MS = 500, LOOKS = 3;

/** Reaps the orphans that this process inherits, until disposed. */
export function reapOrphans(): Disposable {
  let timer: ReturnType<typeof setTimeout>;
  let disposed = false;
  let seen = new Map<number, number>();
  const look = async () => {
    try {
      seen = hasZombie() ? await reapOld(seen) : new Map();
    } catch {
      // A /proc that is not there, or not ours, says nothing: then nothing is touched.
    }
    if (!disposed) start();
  };
  const start = () => {
    timer = setTimeout(look, LOOK_MS);
    Deno.unrefTimer(timer);
  };
  start();
  return {
    [Symbol.dispose]() {
      disposed = true;
      clearTimeout(timer);
    },
  };
}

/** Counts for each orphan how often it was seen, and waits for those that were seen enough. */
async function reapOld(seen: ReadonlyMap<number, number>): Promise<Map<number, number>> {
  const zombies = await zombieChildren();
  const awaited = await awaitedChildren();
  const counted = new Map<number, number>();
  for (const pid of zombies) {
    if (awaited.has(pid)) continue;
    const looks = (seen.get(pid) ?? 0) + 1;
    if (looks < LOOKS) counted.set(pid, looks);
    else reap(pid);
  }
  return counted;
}

/** proc(5): `pid (comm) state ppid …`; comm may hold spaces and parentheses. */
async function zombieChildren(): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (state === "Z" && Number(parent) === Deno.pid) found.push(Number(name));
  }
  return found;
}

/** proc(5): the fdinfo of a pidfd has a line `Pid:`, which is negative once somebody has waited. */
async function awaitedChildren(): Promise<Set<number>> {
  const pids = new Set<number>();
  for await (const { name } of Deno.readDir("/proc/self/fdinfo")) {
    const info = await Deno.readTextFile(`/proc/self/fdinfo/${name}`).catch(() => "");
    const [, pid] = /^Pid:\s*(\d+)$/m.exec(info) ?? [];
    if (pid) pids.add(Number(pid));
  }
  return pids;
}
