/** Runs a child process in the foreground of the terminal. @module */
import { onSignals } from "../base/signals.ts";

/** The child to run. */
export interface ForegroundOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Variables in addition to the process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a child on the terminal, whose signals reach it directly; this process survives them. SIGTERM
 * is passed on.
 *
 * @returns its exit code: 128 plus the number of the signal that ended it.
 * @throws {Deno.errors.NotFound | Deno.errors.PermissionDenied} if it cannot be started.
 */
export async function runInForeground(
  { command: [program, ...args], env = {} }: ForegroundOptions,
): Promise<number> {
  using _signals = onSignals(["SIGINT", "SIGQUIT", "SIGHUP"], () => {});
  const child = new Deno.Command(program!, {
    args,
    env: { ...env },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  using _term = onSignals(["SIGTERM"], (signal) => child.kill(signal));
  return (await child.status).code;
}
