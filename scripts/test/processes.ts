/** Processes that a test has started, whatever their parent is now. @module */

/** The environment variable by which the processes of a test file are known. */
export const MARK = "TEST_FILE_MARK";

/** The processes with the mark, or with one below it (`mark/…`), that still run. */
export function marked(mark: string): number[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    return /^\d+$/.test(name) && hasMark(name, mark) ? [Number(name)] : [];
  });
}

/** Ends every process with the mark; those that are started meanwhile as well. */
export async function endMarked(mark: string): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const pids = marked(mark);
    if (pids.length === 0) return;
    for (const pid of pids) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The command of a process, for messages. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim().slice(0, 200);
}

function hasMark(pid: string, mark: string): boolean {
  // The environment of a zombie is empty.
  return read(`/proc/${pid}/environ`).split("\0").some((variable) => {
    return variable === `${MARK}=${mark}` || variable.startsWith(`${MARK}=${mark}/`);
  });
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Empty where the process has ended, or is another user's. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
