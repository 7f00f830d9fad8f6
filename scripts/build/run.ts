/** Runs the tools of a build. @module */

/** Options of a run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the tool after this many milliseconds. @default 600_000 */
  readonly timeoutMs?: number;
}

/** The outcome of a run. */
export interface Outcome {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without colours, which would disturb the parsing of the output. */
const PLAIN = { NO_COLOR: "1" };

/** Runs a tool to its end. @throws {Error} if it is not installed. */
export async function attempt(command: readonly string[], options: RunOptions = {}) {
  const [name, ...args] = command;
  const { cwd, env, timeoutMs = 600_000 } = options;
  const { success, stdout, stderr } = await new Deno.Command(name!, {
    args,
    env: { ...PLAIN, ...env },
    ...(cwd !== undefined && { cwd }),
    stdin: "null",
    signal: AbortSignal.timeout(timeoutMs),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: decode(stdout), stderr: decode(stderr) } satisfies Outcome;
}

/** Runs a tool that must succeed, and returns its output. @throws {Error} with its output. */
export async function run(command: readonly string[], options?: RunOptions): Promise<string> {
  const { success, stdout, stderr } = await attempt(command, options);
  if (!success) throw new Error(`${command.slice(0, 3).join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}
