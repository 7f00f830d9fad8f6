/** Runs the script of a hook on its own terminal, within its timeout. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { programsOn } from "../../files/search_path.ts";
import { Pty } from "../../libc/pty.ts";
import { endGroup, endStragglers } from "../../subprocess/group.ts";
import { eachLine } from "../../subprocess/lines.ts";
import { type HookCommand, hookCommand, type HookScript } from "./command.ts";
import { explainMissing, missingCommand, NOT_FOUND } from "./missing.ts";

/** What a run of a hook needs. */
export interface HookRun {
  readonly hook: HookScript;
  /** A folder that only the exporter's user can enter, for a script that must be a file. */
  readonly folder: string;
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
const LAUNCHER = 'exec "$@" <"$0" >"$0" 2>&1';

/** Where `setsid` is, if the PATH of the exporter leads to other programs only. */
const SYSTEM_PATH = "/usr/bin:/bin:/usr/sbin:/sbin";

/** Time between the ends of input that the hook's terminal is given, in milliseconds. */
const END_INPUT_MS = 1_000;

/** Runs `hook` until it ends. Never throws. */
export async function runHook(run: HookRun): Promise<HookOutcome> {
  try {
    const env = environment(run.env);
    const command = await hookCommand(run.hook, env["PATH"] ?? "");
    return command ? await execute(command, env, run) : { ok: true };
  } catch (error) {
    return { ok: false, message: `Error executing hook: ${(error as Error).message}` };
  }
}

async function execute(
  command: HookCommand,
  env: Record<string, string>,
  run: HookRun,
): Promise<HookOutcome> {
  if (command.warning) run.onLine(command.warning);
  const argv = [sessionStarter(env["PATH"]), ...command.argv, ...await scriptFile(command, run)];
  using terminal = new Pty();
  using _input = endInput(terminal);
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", LAUNCHER, terminal.path, ...argv],
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  run.scope.defer(() => endStragglers(child.pid, `LEASE_NAME=${run.env["LEASE_NAME"]}`));
  let over = false;
  const exit = child.status.finally(() => over = true);
  let missing: string | undefined;
  const printed = eachLine(terminal.output(() => over), (line) => {
    missing = missingCommand(line) ?? missing;
    run.onLine(line);
  });
  const early = await cutShort(exit, run);
  if (early) {
    await endGroup(child.pid, GRACE_MS);
    killSurvivor(child);
  }
  const status = await exit;
  await printed;
  return early ?? outcome(status, missing);
}

/** The program that begins a session. @throws {Error} if there is none */
function sessionStarter(path = ""): string {
  const [program] = programsOn(`${path}:${SYSTEM_PATH}`, "setsid");
  if (program !== undefined) return program;
  throw new Error("there is no program 'setsid' on this host; install util-linux");
}

/** Creates the file of a script that an interpreter reads, and returns its path. */
async function scriptFile({ file }: HookCommand, { folder, scope }: HookRun): Promise<string[]> {
  if (file === undefined) return [];
  const path = await Deno.makeTempFile({ dir: folder, prefix: "script-" });
  scope.defer(() => Deno.remove(path).catch(() => {}));
  await Deno.writeTextFile(path, file);
  return [path];
}

/**
 * Ends the input of the terminal for whoever reads it: no user is there to type. Repeated, because a
 * program that asks for a password throws away what was typed before.
 */
function endInput(terminal: Pty): Disposable {
  terminal.endInput();
  const timer = setInterval(() => terminal.endInput(1), END_INPUT_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
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

function outcome(
  { success, code, signal }: Deno.CommandStatus,
  missing: string | undefined,
): HookOutcome {
  if (success) return { ok: true };
  const by = signal ? ` (${signal})` : "";
  const why = code === NOT_FOUND ? `: ${explainMissing(missing)}` : "";
  return { ok: false, message: `Hook failed with exit code ${code}${by}${why}` };
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
