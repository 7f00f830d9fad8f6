/** The processes of the host, as /proc lists them. @module */

/** A process that has not ended. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
}

/** Lists the processes of the host, without zombies, which need no signal. */
export async function listProcesses(): Promise<ProcessInfo[]> {
  const found: ProcessInfo[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const info = /^\d+$/.test(name) ? await processInfo(name) : undefined;
    if (info) found.push(info);
  }
  return found;
}

/** proc(5): `pid (comm) state ppid pgrp session …`; comm can contain spaces and parentheses. */
async function processInfo(pid: string): Promise<ProcessInfo | undefined> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const [state, ...ids] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (!state || state === "Z" || state === "X") return undefined;
  const [parent, group, session] = ids.map(Number);
  return { pid: Number(pid), parent: parent!, group: group!, session: session! };
}

/**
 * Whether the environment with which a process was started contains `mark`, `NAME=value`. False
 * for a process of another user, unless this one is root.
 */
export async function hasMark(pid: number, mark: string): Promise<boolean> {
  const environment = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
  return environment.split("\0").includes(mark);
}

/** Sends a signal to a process, or to the group `-pid`. @returns false if there is none. */
export function sendSignal(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
