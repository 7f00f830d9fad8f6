/** Identifies a process for messages: its unit, its start, and the command that stops it. @module */

/** What /proc reveals about a process. */
export interface ProcessFacts {
  /** 0 if the process is not visible from this PID namespace. */
  readonly pid: number;
  /** `jmp@demo.service` */
  readonly unit?: string;
  /** Whether the unit belongs to a user's own service manager. */
  readonly isUsers?: boolean;
  readonly since?: Date;
}

/** Clock ticks per second in proc(5): USER_HZ is 100 on x86_64 and aarch64. */
const TICKS = 100;

/** Reads the facts about `pid` from /proc, and leaves out those that it does not find. */
export async function factsOf(pid: number): Promise<ProcessFacts> {
  if (pid === 0) return { pid };
  const [cgroup, stat, system] = await Promise.all(
    [`/proc/${pid}/cgroup`, `/proc/${pid}/stat`, "/proc/stat"].map((path) => {
      return Deno.readTextFile(path).catch(() => "");
    }),
  );
  const since = startOf(stat!, system!);
  return { pid, ...unitOf(cgroup!), ...(since && { since }) };
}

/** Parses the unit from the text of /proc/PID/cgroup. */
export function unitOf(cgroup: string): Pick<ProcessFacts, "unit" | "isUsers"> {
  const path = /^(?:0:|\d+:name=systemd):(\/.*)$/m.exec(cgroup)?.[1] ?? "";
  const units = path.split("/").filter((part) => part.endsWith(".service"));
  const unit = units.at(-1);
  // A user's service manager is a service itself, and its units are below it.
  if (!unit || unit.startsWith("user@")) return {};
  return { unit, isUsers: units.some((each) => each.startsWith("user@")) };
}

/** proc(5): field 22 of stat is the start in ticks after boot, and `btime` the time of the boot. */
function startOf(stat: string, system: string): Date | undefined {
  const ticks = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
  const boot = Number(/^btime (\d+)$/m.exec(system)?.[1]);
  const seconds = boot + ticks / TICKS;
  return Number.isFinite(seconds) ? new Date(seconds * 1000) : undefined;
}

/** `process 1234 of jmp@demo.service, since 2026-01-31 12:00:00 UTC` */
export function describe({ pid, unit, since }: ProcessFacts): string {
  if (pid === 0) return "a process in a container or PID namespace that is not visible here";
  const when = since?.toISOString().replace("T", " ").replace(/\.\d+Z/, " UTC");
  return `process ${pid}${unit ? ` of ${unit}` : ""}${when ? `, since ${when}` : ""}`;
}

/** Returns the command that stops the process, or an instruction if there is none. */
export function howToEnd({ pid, unit, isUsers }: ProcessFacts): string {
  if (pid === 0) return "stop that container";
  if (unit) return `systemctl ${isUsers ? "--user " : ""}stop '${unit}'`;
  return `kill ${pid}`;
}
