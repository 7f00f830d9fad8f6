/** Runs the tools that a build is made of. @module */

/** How a tool is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After this many milliseconds it counts as stuck. @default 600_000 */
  readonly timeoutMs?: number;
}

/** What a tool left behind. */
export interface Outcome {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Colours would be in the way of reading what a tool says. */
const PLAIN = { NO_COLOR: "1" };

/** Runs a tool to its end. @throws {Error} when it is not there. */
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

/** Runs a tool that must succeed, and returns what it printed. @throws {Error} with its words. */
export async function run(command: readonly string[], options?: RunOptions): Promise<string> {
  const { success, stdout, stderr } = await attempt(command, options);
  if (!success) throw new Error(`${command.slice(0, 3).join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}
