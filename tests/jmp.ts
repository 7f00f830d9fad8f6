/** The `jmp` command as a process, for tests. @module */
import { linesOf } from "./lines.ts";

const root = new URL("../", import.meta.url).pathname;

/** A hang guard, long enough for a busy machine. */
const HANG_MS = 60_000;

function command(args: string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${root}main.ts`, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(HANG_MS),
  });
}

/** Runs `jmp` from the sources. @returns its exit code and its output */
export async function jmp(args: string[], env?: Record<string, string>) {
  const { code, stdout, stderr } = await command(args, env).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: decode(stdout), err: decode(stderr) };
}

/** A running `jmp`, whose standard error is read line by line. */
export class JmpProcess implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly seen: string[] = [];

  constructor(args: string[], env?: Record<string, string>) {
    this.child = command(args, env).spawn();
    this.#lines = linesOf(this.child.stderr);
  }

  /** Waits for a line. @throws {Error} with all lines if the process ends before it */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`Expected ${pattern}, found:\n${this.seen.join("\n")}`);
      this.seen.push(value);
      if (pattern.test(value)) return value;
    }
  }

  /** Ends the process. @returns its exit code */
  async end(signal: Deno.Signal): Promise<number> {
    this.child.kill(signal);
    return (await this.child.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // It has already ended.
    }
    await this.child.status;
    for (let rest = await this.#lines.next(); !rest.done;) rest = await this.#lines.next();
    await this.child.stdout.cancel();
  }
}

/** Runs `use` in a folder with files that only this user can read. */
export async function withFiles(
  files: Record<string, string>,
  use: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "jmp-cli-" });
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${dir}/${name}`, text, { mode: 0o600 });
    }
    await use(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** A config with a mock power switch. */
export const GOOD = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: demo }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;
