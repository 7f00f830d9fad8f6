/** Runs the script of a hook on a terminal of its own, within its time. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { Pty } from "../../libc/pty.ts";
import { hookCommand, type HookScript } from "./command.ts";
import { endGroup, endStragglers } from "./group.ts";

/** A run of a hook. */
export interface HookRun {
  readonly hook: HookScript;
  /** Added to the exporter's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with each line that the hook prints, without its line break. */
  onLine(line: string): void;
  /** Aborts the hook. */
  readonly signal: AbortSignal;
  /** Of the lease; when it ends, so do processes that outlive the hook. */
  readonly scope: AsyncDisposableStack;
}

/** How a hook ended. */
export type HookOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string };

/** Time between SIGTERM and SIGKILL, in milliseconds. */
const GRACE_MS = 5_000;

/**
 * Opens the terminal ($0) and becomes the hook, in a session of its own. In this order,
 * since a session's leader would make the terminal its controlling one, and what the
 * hook leaves running would be hung up with it.
 */
const LAUNCHER = 'exec setsid "$@" <"$0" >"$0" 2>&1';

/** Runs `hook` to its end; never throws. */
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
  const printed = printLines(terminal.output(() => over), run.onLine);
  const early = await cutShort(exit, run);
  if (early) {
    await endGroup(child.pid, GRACE_MS);
    killSurvivor(child);
  }
  const status = await exit;
  await printed;
  return early ?? outcome(status);
}

/** Kills a launcher that was signalled before it had a process group of its own. */
function killSurvivor(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended with its group.
  }
}

/** Why the hook is aborted, or undefined when it has ended by itself. */
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

/** No prompt, no colours, and no questions, which nobody could answer. */
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

/** A line without a line break, such as a progress bar, is logged once it is this long. */
const MAX_LINE = 8 * 1024;

async function printLines(
  output: AsyncIterable<Uint8Array>,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  const say = (line: string) => {
    // A carriage return between the states of a progress bar does not rewind a log.
    const text = line.trimEnd().replace(/\r+/g, " ");
    if (text !== "") onLine(text);
  };
  for await (const chunk of output) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    lines.forEach(say);
    if (rest.length > MAX_LINE) {
      say(rest);
      rest = "";
    }
  }
  say(rest + decoder.decode());
}
