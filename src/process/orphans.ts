/**
 * Reaps orphans. The first process of a container becomes the parent of all processes whose
 * parent has ended, and must wait for them, or they stay zombies. Hooks and drivers leave orphans.
 *
 * Deno waits for its own children and must be the one that reads their exit status. It keeps a
 * pidfd of each child, so a zombie with a pidfd in this process is not reaped here. Kernels before
 * 5.3 have no pidfds. There, a child of Deno is a zombie for at most one round of the event loop,
 * so a zombie that is still present at the third check, a second later, is an orphan.
 *
 * @module
 */
import { hasZombie, reap } from "../libc/children.ts";

/** Time between checks in milliseconds, and the check at which a zombie is reaped. */
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
      // Without a /proc of this PID namespace, orphans cannot be found and stay zombies.
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

/** Counts at how many checks each orphan was seen, and reaps those with {@linkcode LOOKS}. */
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

/** proc(5): `pid (comm) state ppid …`; comm can contain spaces and parentheses. */
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

/** proc(5): the fdinfo of a pidfd has a line `Pid:`, negative after the process was reaped. */
async function awaitedChildren(): Promise<Set<number>> {
  const pids = new Set<number>();
  for await (const { name } of Deno.readDir("/proc/self/fdinfo")) {
    const info = await Deno.readTextFile(`/proc/self/fdinfo/${name}`).catch(() => "");
    const [, pid] = /^Pid:\s*(\d+)$/m.exec(info) ?? [];
    if (pid) pids.add(Number(pid));
  }
  return pids;
}
