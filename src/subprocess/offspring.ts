/** Kills a child together with everything that it started. @module */
import { sleep } from "../base/sleep.ts";
import { hasMark, listProcesses, sendSignal } from "./processes.ts";

/** A child that leads a session of its own. */
export interface SessionLeader {
  readonly pid: number;
  /** `NAME=value` of its environment, which no other child has. */
  readonly mark: string;
}

/** How often the processes are killed that are found, and the time between, in ms. */
const ROUNDS = 100, ROUND_MS = 20;

/**
 * Sends SIGKILL to all of {@linkcode offspring} until none is found twice in succession: while a
 * process executes another program, it has no environment for a moment. Gives up after 2 s, because
 * the kernel does not end a process that hangs in a system call.
 */
export async function killOffspring(leader: SessionLeader): Promise<void> {
  let missed = 0;
  for (let round = 0; round < ROUNDS && missed < 2; round++) {
    if (round > 0) await sleep(ROUND_MS);
    const found = await offspring(leader);
    for (const pid of found) sendSignal(pid, "SIGKILL");
    missed = found.length === 0 ? missed + 1 : 0;
  }
}

/**
 * Lists the leader and what it started: the processes of its session and group, those whose
 * environment has its mark, also where they left the session as daemons do, and the descendants
 * of all these. Lists no zombies.
 */
export async function offspring({ pid: leader, mark }: SessionLeader): Promise<number[]> {
  const processes = await listProcesses();
  const found = new Set<number>();
  for (const { pid, group, session } of processes) {
    const isMember = group === leader || session === leader;
    if (isMember || await hasMark(pid, mark)) found.add(pid);
  }
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of processes) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}
