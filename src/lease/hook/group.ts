/** Ending a hook with everything that it started. @module */
import { sleep } from "../../base/sleep.ts";

/** Sends `signal` to a process group; false when no process of it is left. */
function signalGroup(pgid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(-pgid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Sends SIGTERM to the whole group, and SIGKILL to what is left of it after `graceMs`. */
export async function endGroup(pgid: number, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  if (!signalGroup(pgid, "SIGTERM")) return;
  while (Date.now() < deadline) {
    await sleep(20);
    if (!await hasLiving(pgid)) return;
  }
  signalGroup(pgid, "SIGKILL");
}

/** Zombies wait for their parent and need no further signal. */
async function hasLiving(pgid: number): Promise<boolean> {
  const members = await groupMembers(pgid);
  return members.length > 0;
}

/** The living processes of a group, from /proc. */
export async function groupMembers(pgid: number): Promise<number[]> {
  const members: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (/^\d+$/.test(name) && await belongs(name, pgid)) members.push(Number(name));
  }
  return members;
}

/** proc(5): `pid (comm) state ppid pgrp …`; comm may hold spaces and parentheses. */
async function belongs(pid: string, pgid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(group) === pgid && state !== "Z" && state !== "X";
}

/**
 * Ends what a finished hook left running, once its lease is over. The kernel may have reused
 * the group's number, so only processes with the hook's environment (which holds `mark`) are
 * ended.
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
    // It has ended in the meantime.
  }
}
