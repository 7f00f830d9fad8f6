/** Programs that are started by `programs/launch_j.py`, the official `j` among them. @module */
import type { Client, Env } from "../client.ts";
import type { ChildProcess } from "../process.ts";

/** Longest run of a program, in milliseconds. */
const BOUND_MS = 30_000;

/** In place of a program's path: the official `j`. */
export const OFFICIAL_J = "official-j";

/** What is started, and where its standard streams are. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  /** A text for a pipe, and two files; or the path of a terminal for all three. */
  readonly streams:
    | { readonly input: string; readonly output: string; readonly error: string }
    | { readonly terminal: string };
}

/** A program that has been started. */
export interface Launched {
  /** Signals it and its children; one that has ended is no error. */
  kill(signal: Deno.Signal): void;
  /** The exit code; 128 + the signal's number where a signal ended it. */
  readonly ended: Promise<number>;
}

/** Starts programs, each in a session of its own. */
export class Launcher implements AsyncDisposable {
  readonly #python: ChildProcess;
  #last = 0;

  constructor(client: Client) {
    this.#python = client.start("launch_j", { keepStdin: true });
  }

  async launch({ streams, ...what }: Launch): Promise<Launched> {
    const id = ++this.#last;
    const said = (key: string) => new RegExp(`^\\{"id": ${id}, "${key}": (\\d+)\\}$`, "m");
    await this.#python.type(`${JSON.stringify({ id, ...what, ...streams })}\n`);
    const [, pid] = await this.#python.saying(said("pid"));
    const kill = (signal: Deno.Signal) => signalGroup(Number(pid), signal);
    const guard = setTimeout(() => kill("SIGKILL"), BOUND_MS);
    const ended = this.#python.saying(said("code"), 2 * BOUND_MS)
      .finally(() => clearTimeout(guard))
      .then(([, code]) => Number(code));
    return { kill, ended };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#python.end();
    await this.#python.finished(10_000);
  }
}

function signalGroup(leader: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
