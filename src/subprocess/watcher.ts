/**
 * Ends a child when this process ends without ending it, as by SIGKILL. The kernel could do so for
 * the child alone (PR_SET_PDEATHSIG), but not for what the child started; so a shell waits for the
 * end of this process, which it sees as the end of its standard input.
 *
 * @module
 */
import type { SessionLeader } from "./offspring.ts";

/**
 * Kills the session's group, then, twice because processes may be starting others meanwhile, every
 * process with the mark, and removes the folder. `grep` finds the mark in the bytes of an
 * environment without knowing its zeros. Programs and their options are those that busybox has too.
 */
const SCRIPT = `
trap '' HUP INT TERM
read -r pid && read -r _
[ -z "$pid" ] || kill -KILL "-$pid"
for _ in 1 2; do
  for environment in $(grep -lsF -e "$1" /proc/[0-9]*/environ); do
    process=\${environment#/proc/}
    kill -KILL "\${process%/environ}"
  done
done
rm -rf -- "$2"
`;

/** Watches over one child, until disposed. On a host without a shell, nobody watches. */
export class Watcher implements AsyncDisposable {
  readonly #shell: Deno.ChildProcess | undefined;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /**
   * Starts the shell; before the child, so that there is no time in which nobody watches.
   *
   * @param mark see {@linkcode SessionLeader}.
   * @param folder is removed after the child's end.
   */
  constructor({ mark }: Pick<SessionLeader, "mark">, folder: string) {
    this.#shell = startShell(mark, folder);
    this.#input = this.#shell?.stdin.getWriter();
  }

  /** Tells the child that is watched over. */
  watch(pid: number): void {
    this.#input?.write(new TextEncoder().encode(`${pid}\n`)).catch(() => {});
  }

  /** Ends the watch; the child lives on. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#shell?.kill("SIGKILL");
    } catch {
      // Somebody else killed it.
    }
    await this.#shell?.status;
    await this.#input?.abort().catch(() => {});
  }
}

function startShell(mark: string, folder: string): Deno.ChildProcess | undefined {
  try {
    return new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "jmp-watcher", mark, folder],
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
      clearEnv: true,
      detached: true,
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
