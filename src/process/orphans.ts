/**
 * Reaps orphans: the first process of a container is the parent of all processes whose parent
 * has ended, and must wait for them, or they stay zombies. Hooks and drivers leave orphans.
 *
 * Deno waits for its own children, and must be the one to read their exit status. It keeps a
 * pidfd of each, so a zombie with a pidfd in this process is left alone. Kernels before 5.3 have
 * no pidfds: there a child of Deno's is a zombie for one round of the event loop at most, and a
 * zombie that is still there at the third look, a second later, is an orphan.
 *
 * @module
 */
import { hasZombie, reap } from "../libc/children.ts";

/** Time between looks in milliseconds, and the look at which a zombie is reaped. */
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
      // Without a /proc of this PID namespace nothing is known: then nothing is reaped.
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

/** Counts how often each orphan was seen, and reaps those that were seen often enough. */
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

/** proc(5): the fdinfo of a pidfd has a line `Pid:`, which is negative once the process was reaped. */
async function awaitedChildren(): Promise<Set<number>> {
  const pids = new Set<number>();
  for await (const { name } of Deno.readDir("/proc/self/fdinfo")) {
    const info = await Deno.readTextFile(`/proc/self/fdinfo/${name}`).catch(() => "");
    const [, pid] = /^Pid:\s*(\d+)$/m.exec(info) ?? [];
    if (pid) pids.add(Number(pid));
  }
  return pids;
}
