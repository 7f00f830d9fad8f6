/** Ends a hook with all processes that it started. @module */
import { sleep } from "../../base/sleep.ts";

/** Sends `signal` to a process group. @returns false if no process of the group is left. */
function signalGroup(pgid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Sends SIGTERM to the group, and SIGKILL to the processes that are left after `graceMs`. */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  if (!signalGroup(pgid, "SIGTERM")) return;
  while (Date.now() < deadline) {
    await sleep(20);
    if (!await hasLiving(pgid)) return;
  }
  signalGroup(pgid, "SIGKILL");
}

/** Whether a process of the group is left that is not a zombie, which needs no signal. */
async function hasLiving(pgid: number): Promise<boolean> {
  const members = await groupMembers(pgid);
  return members.length > 0;
}

/** Lists the processes of a group from /proc, without zombies. */
export async function groupMembers(pgid: number): Promise<number[]> {
  const members: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await belongs(name, pgid)) members.push(Number(name));
  }
  return members;
}

/** proc(5): `pid (comm) state ppid pgrp …`; comm can contain spaces and parentheses. */
async function belongs(pid: string, pgid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(group) === pgid && state !== "Z" && state !== "X";
}

/**
 * Ends the processes that a finished hook left running, when its lease is over. The kernel may
 * have reused the number of the group, so only processes whose environment contains `mark`, as the
 * hook's does, are ended.
 */
export async function endStragglers(pgid: number, mark: string): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const ours = [];
    for (const pid of await groupMembers(pgid)) {
      const environment = await Deno.readTextFile(`/proc/${pid}/environ`).catch(() => "");
      if (environment.split("\0").includes(mark)) ours.push(pid);
    }
    if (ours.length === 0) return;
    for (const pid of ours) kill(pid, signal);
    if (signal === "SIGTERM") await sleep(500);
  }
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
