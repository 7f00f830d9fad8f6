/** Child processes of the tests: bounded in time, their output kept for errors. @module */

/** Options of a child. */
export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input, which is then closed. @default "" */
  readonly stdin?: string;
  /** Leaves standard input open until {@linkcode ChildProcess.end}. @default false */
  readonly keepStdin?: boolean;
  /** Makes a process group, so that {@linkcode ChildProcess.kill} reaches its children. @default true */
  readonly group?: boolean;
}

/** The end of a child. */
export interface Finished {
  /** 128 + the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child whose outputs are kept. */
export class ChildProcess implements AsyncDisposable {
  readonly #argv: readonly string[];
  readonly #child: Deno.ChildProcess;
  readonly #said = { stdout: "", stderr: "" };
  readonly #ended: Promise<Finished>;
  readonly #group: boolean;
  #over = false;
  #news = Promise.withResolvers<void>();

  constructor(argv: readonly string[], options: ProcessOptions = {}) {
    const { env = {}, stdin = "", keepStdin, group = true } = options;
    this.#argv = argv;
    this.#group = group;
    const [program, ...args] = argv;
    this.#child = new Deno.Command(program!, {
      args,
      env: { ...inherited(), ...env },
      clearEnv: true,
      detached: group,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#ended = this.#follow(keepStdin ? undefined : stdin);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Both outputs so far, for messages. */
  get log(): string {
    return `${this.#said.stderr}${this.#said.stdout}`;
  }

  /** Waits until an output matches; rejects if the child ends before that, or after `timeoutMs`. */
  async saying(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    const bound = Promise.withResolvers<void>();
    let late = false;
    const timer = setTimeout(() => bound.resolve(void (late = true)), timeoutMs);
    try {
      for (;;) {
        const news = this.#news.promise;
        const match = pattern.exec(this.log);
        if (match) return match;
        if (this.#over || late) throw this.#complaint(`to say ${pattern}`);
        await Promise.race([news, bound.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits for the end; a child that takes longer than `timeoutMs` is killed, and it rejects. */
  async finished(timeoutMs = 120_000): Promise<Finished> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.kill("SIGKILL");
    }, timeoutMs);
    const ended = await this.#ended;
    clearTimeout(timer);
    if (late) throw this.#complaint(`to end within ${timeoutMs / 1000} s`);
    return ended;
  }

  /** Signals the child, and its children where it has a group; one that has ended is no error. */
  kill(signal: Deno.Signal): void {
    try {
      Deno.kill(this.#group ? -this.pid : this.pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Writes to the standard input that was kept open. */
  async type(text: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    writer.releaseLock();
  }

  /** Closes the standard input that was kept open. */
  async end(): Promise<void> {
    await this.#child.stdin.close().catch(() => {});
  }

  /** Ends what still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over) return;
    this.kill("SIGKILL");
    await this.#ended;
  }

  async #follow(stdin: string | undefined): Promise<Finished> {
    const streams = [this.#pump("stdout"), this.#pump("stderr")];
    if (stdin !== undefined) await this.#write(stdin);
    const { code } = await this.#child.status;
    await Promise.all(streams);
    if (stdin === undefined) await this.end();
    this.#over = true;
    this.#tell();
    return { code, ...this.#said };
  }

  async #pump(stream: "stdout" | "stderr"): Promise<void> {
    for await (const text of this.#child[stream].pipeThrough(new TextDecoderStream())) {
      this.#said[stream] += text;
      this.#tell();
    }
  }

  async #write(text: string): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text)).catch(() => {});
    await writer.close().catch(() => {});
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  #complaint(expected: string): Error {
    return new Error(`Expected ${this.#argv.join(" ")} ${expected}, found:\n${this.log}`);
  }
}

/** Runs a command to its end. */
export async function run(
  argv: readonly string[],
  options: ProcessOptions & { readonly timeoutMs?: number } = {},
): Promise<Finished> {
  await using child = new ChildProcess(argv, options);
  return await child.finished(options.timeoutMs);
}

/** The environment without the user's own settings for clients. */
function inherited(): Record<string, string> {
  const ours = Object.entries(Deno.env.toObject())
    .filter(([name]) => !/^(_?JMP_|JUMPSTARTER_|XDG_CONFIG_HOME$)/.test(name));
  return { ...Object.fromEntries(ours), NO_COLOR: "1", COLUMNS: "200" };
}
