/** Runs a program that may hang, print without end, or leave processes behind. @module */
import { fulfilledWithin } from "../base/deadline.ts";
import { howEnded } from "./how_ended.ts";
import { sendSignal } from "./processes.ts";

/** The bounds of a run. */
export interface Bounds {
  /** Time after which the program is killed, in milliseconds. */
  readonly ms: number;
  /** Bytes of each output that are kept; what follows is read and dropped. */
  readonly maxBytes: number;
}

/** How a run ended. */
export interface BoundedRun {
  /** Whether it was killed because its time was over. */
  readonly late: boolean;
  readonly success: boolean;
  /** `exit code 1`, `signal SIGSEGV` */
  readonly how: string;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program with closed input. Nothing of it is left afterwards, unless a process of it
 * left its session.
 *
 * @throws {Error} as `Deno.Command.spawn` does.
 */
export async function boundedRun(
  program: string,
  args: readonly string[],
  { ms, maxBytes }: Bounds,
): Promise<BoundedRun> {
  const child = new Deno.Command(program, {
    args: [...args],
    // The leader of a process group, so that whatever it started ends with it.
    detached: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const outputs = Promise.all([head(child.stdout, maxBytes), head(child.stderr, maxBytes)]);
  const late = !await fulfilledWithin(ms, child.status);
  sendSignal(-child.pid, "SIGKILL");
  const status = await child.status;
  const [stdout, stderr] = await outputs;
  const success = status.success && !late;
  return { late, success, how: howEnded(status), stdout, stderr };
}

/** The beginning of a stream, which is read to its end. */
async function head(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let room = maxBytes;
  for await (const chunk of stream) {
    text += decoder.decode(chunk.subarray(0, room), { stream: true });
    room -= Math.min(room, chunk.length);
  }
  return text;
}
