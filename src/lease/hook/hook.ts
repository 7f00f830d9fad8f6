/** Runs the script of a hook on its own terminal, within its timeout. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { Pty } from "../../libc/pty.ts";
import { endGroup, endStragglers } from "../../subprocess/group.ts";
import { eachLine } from "../../subprocess/lines.ts";
import { hookCommand, type HookScript } from "./command.ts";

/** What a run of a hook needs. */
export interface HookRun {
  readonly hook: HookScript;
  /** Added to the exporter's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with each line of the hook's output, without its line break. */
  onLine(line: string): void;
  /** Aborts the hook. */
  readonly signal: AbortSignal;
  /** The scope of the lease; processes that outlive the hook end when it is disposed. */
  readonly scope: AsyncDisposableStack;
}

/** How a hook ended. */
export type HookOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string };

/** Time between SIGTERM and SIGKILL, in milliseconds. */
const GRACE_MS = 5_000;

/**
 * Opens the terminal ($0) and executes the hook in its own session. In this order, because the
 * terminal would become the controlling terminal of a session leader that opens it, and the
 * processes that the hook leaves running would be hung up when the hook ends.
 */
const LAUNCHER = 'exec setsid "$@" <"$0" >"$0" 2>&1';

/** Runs `hook` until it ends. Never throws. */
export async function runHook(run: HookRun): Promise<HookOutcome> {
  try {
    const command = await hookCommand(run.hook);
    return command ? await execute(command, run) : { ok: true };
  } catch (error) {
    return { ok: false, message: `Error executing hook: ${(error as Error).message}` };
  }
}

async function execute(command: string[], run: HookRun): Promise<HookOutcome> {
  using terminal = new Pty();
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", LAUNCHER, terminal.path, ...command],
    env: environment(run.env),
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  run.scope.defer(() => endStragglers(child.pid, `LEASE_NAME=${run.env["LEASE_NAME"]}`));
  let over = false;
  const exit = child.status.finally(() => over = true);
  const printed = eachLine(terminal.output(() => over), run.onLine);
  const early = await cutShort(exit, run);
  if (early) {
    await endGroup(child.pid, GRACE_MS);
    killSurvivor(child);
  }
  const status = await exit;
  await printed;
  return early ?? outcome(status);
}

/** Kills a launcher that `endGroup` missed, because it had no process group of its own yet. */
function killSurvivor(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It ended with its group.
  }
}

/** Waits for the hook. @returns why it must be aborted; undefined if it has ended by itself. */
async function cutShort(
  exit: Promise<unknown>,
  { hook, signal }: HookRun,
): Promise<HookOutcome | undefined> {
  const seconds = hook.timeoutSeconds;
  if (await fulfilledWithin(seconds * 1000, exit, signal)) return undefined;
  return {
    ok: false,
    message: signal.aborted ? "Hook was interrupted" : `Hook timed out after ${seconds} seconds`,
  };
}

function outcome({ success, code, signal }: Deno.CommandStatus): HookOutcome {
  if (success) return { ok: true };
  const by = signal ? ` (${signal})` : "";
  return { ok: false, message: `Hook failed with exit code ${code}${by}` };
}

/** Returns an environment that disables prompts, colours and questions: no user is at the terminal. */
function environment(added: Readonly<Record<string, string>>): Record<string, string> {
  const { PS1: _, ...own } = Deno.env.toObject();
  return {
    ...own,
    TERM: "dumb",
    DEBIAN_FRONTEND: "noninteractive",
    GIT_TERMINAL_PROMPT: "0",
    ...added,
  };
}
