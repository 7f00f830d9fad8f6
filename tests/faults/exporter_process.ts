/** The exporter under test as a process of its own, so that it can be killed. @module */

import { HEAP } from "../../scripts/build/flags.ts";
import { until } from "../until.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Options of the process. */
export interface ExporterProcessOptions {
  /** Path of its config. */
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  /** Path of a module to run. @default the program itself */
  readonly program?: string;
  /** More options of `jmp run`. */
  readonly options?: readonly string[];
  /** A command that ends by executing the arguments after it. @default none */
  readonly wrapper?: readonly string[];
}

const binary = Deno.env.get("JMP_TEST_BINARY");

/** The command that runs a module with the heap limits of the built program. */
export function running(module: string, ...options: string[]): string[] {
  return [Deno.execPath(), "run", "-A", HEAP, ...options, module];
}

const SETTLED_MEMORY = ["--preload", `${root}tests/faults/settled_memory.ts`];

/** A running exporter and its log. */
export class ExporterProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #memory: string | undefined;
  readonly #reading: Promise<void>;
  readonly #wakers = new Set<() => void>();
  /** Every line of its log. */
  readonly lines: string[] = [];

  constructor({ config, env, program, options = [], wrapper = [] }: ExporterProcessOptions) {
    const binaryRuns = binary !== undefined && program === undefined;
    this.#memory = binaryRuns ? undefined : `${config}.memory`;
    // `JMP_TEST_BINARY`, or this checkout.
    const command = [
      ...wrapper,
      ...(binaryRuns ? [binary] : running(program ?? `${root}main.ts`, ...SETTLED_MEMORY)),
    ];
    const [name, ...args] = [...command, "--log-format", "text", "run", "--exporter-config"];
    this.#child = new Deno.Command(name!, {
      args: [...args, config, ...options],
      env: { NO_COLOR: "1", ...(this.#memory && { SETTLED_MEMORY: this.#memory }), ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    this.#reading = this.#read();
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves with its exit code when it has ended and its log was read. */
  get ended(): Promise<number> {
    return this.#child.status.then(({ code }) => this.#reading.then(() => code));
  }

  /** The first line that matches, earlier or later. @throws {Error} after `timeoutMs` */
  async line(pattern: RegExp, timeoutMs = 20_000): Promise<string> {
    const find = () => this.lines.find((line) => pattern.test(line));
    const deadline = Date.now() + timeoutMs;
    for (let found = find(); Date.now() < deadline; found = find()) {
      if (found !== undefined) return found;
      await this.#news(deadline - Date.now());
    }
    throw new Error(`Cannot see ${pattern} in the exporter's log, found:\n${this.tail()}`);
  }

  /** Its memory after garbage collection; undefined for a built binary. */
  async settledMemory(): Promise<Deno.MemoryUsage | undefined> {
    const memory = this.#memory;
    if (memory === undefined) return undefined;
    await Deno.remove(memory).catch(() => {});
    Deno.kill(this.pid, "SIGUSR2");
    await until(() => exists(memory), 30_000);
    return JSON.parse(await Deno.readTextFile(memory));
  }

  /** The end of its log. */
  tail(count = 30): string {
    return this.lines.slice(-count).join("\n");
  }

  /** Sends a signal and waits for its end. */
  async kill(signal: Deno.Signal): Promise<void> {
    try {
      this.#child.kill(signal);
    } catch {
      // It has already ended.
    }
    await this.#child.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGKILL");
  }

  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#wakers.add(wake);
    });
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.lines.push(...lines);
      for (const wake of this.#wakers) wake();
    }
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
