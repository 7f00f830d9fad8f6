/** Ends the process group of a child. @module */
import { sleep } from "../base/sleep.ts";
import { hasMark, listProcesses, sendSignal } from "./processes.ts";

/** Time until the processes are first looked at, and at most between looks, in ms. */
const FIRST_MS = 20, LONGEST_MS = 200;

/**
 * Sends SIGTERM to the group, and SIGKILL to the processes that are left after `graceMs`.
 *
 * @returns whether none was left.
 */
export async function endGroup(pgid: number, graceMs: number): Promise<boolean> {
  const deadline = Date.now() + graceMs;
  if (!sendSignal(-pgid, "SIGTERM")) return true;
  for (let pause = FIRST_MS; Date.now() < deadline; pause = Math.min(pause * 1.5, LONGEST_MS)) {
    await sleep(Math.min(pause, deadline - Date.now()));
    if ((await groupMembers(pgid)).length === 0) return true;
  }
  return !sendSignal(-pgid, "SIGKILL");
}

/** Lists the processes of a group, without zombies. */
export async function groupMembers(pgid: number): Promise<number[]> {
  const processes = await listProcesses();
  return processes.filter(({ group }) => group === pgid).map(({ pid }) => pid);
}

/**
 * Ends the processes that a finished hook left running, when its lease is over. The kernel may
 * have reused the number of the group, so only processes whose environment contains `mark`, as the
 * hook's does, are ended.
 */
export async function endStragglers(pgid: number, mark: string): Promise<void> {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const ours = [];
    for (const pid of await groupMembers(pgid)) if (await hasMark(pid, mark)) ours.push(pid);
    if (ours.length === 0) return;
    for (const pid of ours) sendSignal(pid, signal);
    if (signal === "SIGTERM") await sleep(500);
  }
}
