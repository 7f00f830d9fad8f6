/** An interactive shell of `jmp shell` on a terminal. @module */

const root = new URL("../", import.meta.url).pathname;

/** A hang guard, long enough for a busy machine. */
const HANG_MS = 60_000;

const CONFIG = `apiVersion: jumpstarter.dev/v1alpha1
kind: ExporterConfig
metadata: { namespace: lab, name: demo }
export:
  power: { type: jumpstarter_driver_power.driver.MockPower }
`;

/** What it is started with. */
export interface ShellOptions {
  /** The program: `bash` */
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A shell that a person would type into; disposing it ends it. */
export class InteractiveShell implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #dir: string;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: Promise<void>;
  /** What the terminal shows, with control sequences. */
  shown = "";
  #wake: () => void = () => {};

  private constructor(dir: string, { shell, env = {} }: ShellOptions) {
    this.#dir = dir;
    const jmp = `${Deno.execPath()} run -A --no-check ${root}main.ts`;
    this.#child = new Deno.Command("script", {
      args: ["-qec", `${jmp} shell --exporter-config ${dir}/demo.yaml`, "/dev/null"],
      cwd: `${dir}/bench`,
      env: {
        HOME: dir,
        PATH: "/usr/local/bin:/usr/bin:/bin",
        TERM: "xterm-256color",
        LANG: "C.UTF-8",
        SHELL: shell,
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
        ...env,
      },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(HANG_MS),
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#read();
  }

  /** Starts a shell with an empty home. */
  static async open(options: ShellOptions): Promise<InteractiveShell> {
    const dir = await Deno.makeTempDir({ prefix: "jmp-shell-" });
    await Deno.mkdir(`${dir}/bench`);
    // Without it the first fish of a user starts a process that outlives it.
    await Deno.mkdir(`${dir}/.local/share/fish/generated_completions`, { recursive: true });
    await Deno.writeTextFile(`${dir}/demo.yaml`, CONFIG, { mode: 0o600 });
    return new InteractiveShell(dir, options);
  }

  /** Types text, and forgets what was shown before. */
  async type(text: string): Promise<void> {
    this.shown = "";
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** Waits until the terminal shows something. @throws {Error} with what it shows instead */
  async shows(pattern: RegExp): Promise<void> {
    const end = Date.now() + HANG_MS / 2;
    while (!pattern.test(this.shown)) {
      if (Date.now() > end) throw new Error(`Expected ${pattern}, found:\n${this.shown}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const timer = setTimeout(resolve, 1000);
      await promise;
      clearTimeout(timer);
    }
  }

  /** The exit code. */
  async ended(): Promise<number> {
    const { code } = await this.#child.status;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has already ended.
    }
    await this.#child.status;
    await this.#output;
    await Deno.remove(this.#dir, { recursive: true });
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      this.shown += text;
      this.#wake();
    }
  }
}
