/** What a process holds of the machine, read from /proc. @module */

/** Measured at one moment. */
export interface Footprint {
  readonly descriptors: number;
  readonly rssMb: number;
  /** Processes that it started and that still run. */
  readonly children: number;
}

/** The footprint of the process `pid`. @throws {Error} where it has ended */
export async function footprint(pid: number): Promise<Footprint> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const rss = /^VmRSS:\s+(\d+) kB/m.exec(status);
  return {
    descriptors: (await Array.fromAsync(Deno.readDir(`/proc/${pid}/fd`))).length,
    rssMb: Math.round(Number(rss?.[1] ?? 0) / 1024),
    children: await childrenOf(pid),
  };
}

async function childrenOf(pid: number): Promise<number> {
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    // The program's name, in parentheses, may hold anything; state and parent follow it.
    const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
    if (Number(parent) === pid) count += 1;
  }
  return count;
}

/** What may be more than before: a socket that is about to close, a heap that was not swept. */
const SLACK = { descriptors: 3, rssMb: 40, children: 0 };

/** Why `now` is more than `before`, or undefined where it is not. */
export function growth(before: Footprint, now: Footprint): string | undefined {
  for (const key of ["descriptors", "rssMb", "children"] as const) {
    if (now[key] > before[key] + SLACK[key]) return `${key}: ${before[key]} became ${now[key]}`;
  }
  return undefined;
}

/** A footprint and a later one, for the table. */
export function compare(before: Footprint, now: Footprint): string {
  return `descriptors ${before.descriptors}→${now.descriptors}, ` +
    `RSS ${before.rssMb}→${now.rssMb} MB, children ${before.children}→${now.children}`;
}
