/** CPU time and memory of a process and its descendants, from /proc. @module */

/** The unit of times in /proc/PID/stat: user space sees 100 Hz on every Linux. */
const TICKS_PER_SECOND = 100;
const MEGA = 1e6;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

/** `pid` and its descendants, parents first. */
export function processTree(pid: number): number[] {
  return statsBelow(pid).map((stat) => stat.pid);
}

/** Signals the processes that still run. */
export function signal(pids: readonly number[], name: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** CPU seconds of the tree so far, including children that have ended. */
export function cpuSeconds(pid: number): number {
  return statsBelow(pid).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** Memory of a tree in MB. */
export interface Memory {
  /** Shared pages count in each process. */
  readonly rss: number;
  /** Shared pages count once. */
  readonly pss: number;
  /** `pss` without the pages of files, which the kernel can drop at any time. */
  readonly anonymous: number;
  /** The largest `rss` that each process had so far, added up. */
  readonly peak: number;
}

/** Memory of `pid` and its descendants. */
export function memory(pid: number): Memory {
  const total = { rss: 0, pss: 0, anonymous: 0, peak: 0 };
  for (const member of processTree(pid)) {
    const text = read(`/proc/${member}/smaps_rollup`) ?? "";
    total.rss += kibibytes(text, "Rss");
    total.pss += kibibytes(text, "Pss");
    total.anonymous += kibibytes(text, "Pss_Anon");
    total.peak += kibibytes(read(`/proc/${member}/status`) ?? "", "VmHWM");
  }
  const mega = (kib: number) => kib * 1024 / MEGA;
  const { rss, pss, anonymous, peak } = total;
  return { rss: mega(rss), pss: mega(pss), anonymous: mega(anonymous), peak: mega(peak) };
}

function kibibytes(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
}

function statsBelow(pid: number): Stat[] {
  const all = [...Deno.readDirSync("/proc")]
    .flatMap(({ name }) => /^\d+$/.test(name) ? readStat(name) : []);
  const found = all.filter((stat) => stat.pid === pid);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

function readStat(pid: string): Stat[] {
  const text = read(`/proc/${pid}/stat`);
  if (text === undefined) return [];
  // The name may hold anything, so fields count from the last parenthesis, where `state` is the third.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  const ticks = field(14) + field(15) + field(16) + field(17);
  return [{ pid: Number(pid), parent: field(4), ticks }];
}

/** Undefined if the process has ended. */
function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
