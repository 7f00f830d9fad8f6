/** The two exporters, started as their users start them. @module */
import { jmp } from "../official/exporter.ts";
import { environment } from "./environment.ts";
import { cpuSeconds, type Memory, memory, processTree, signal } from "./proc.ts";

const serve = new URL("./programs/serve.py", import.meta.url).pathname;

/** How long an exporter may take to end, in milliseconds. */
const END_MS = 15_000;
/** Characters of its output that a failure shows. */
const TAIL = 4_000;

/** The exporters that are measured. */
export type Name = "official" | "ours";

/** Both, in the order of the table's columns. */
export const NAMES: readonly Name[] = ["official", "ours"];

/** Where an exporter finds its config and its client. */
export interface Place {
  /** Path of an ExporterConfig. */
  readonly config: string;
  /** Path of the socket to serve on; a controller's exporter where missing. */
  readonly socket?: string;
}

/** The command of an exporter; `bin` holds the official programs. */
export function command(name: Name, bin: string, { config, socket }: Place): string[] {
  const run = ["run", "--exporter-config", config];
  if (name === "ours") return jmp(...run, ...(socket ? ["--listen", `unix:${socket}`] : []));
  return socket ? [`${bin}/python`, serve, config, socket] : [`${bin}/jmp`, ...run];
}

/** What is measured: an exporter, or several. */
export interface Measured extends AsyncDisposable {
  /** The end of its output. */
  readonly tail: string;
  /** CPU seconds so far, including its child processes. */
  cpuSeconds(): number;
  /** Memory in MB, including its child processes. */
  memory(): Memory;
}

/** A running exporter; disposing it ends it as a service manager does. */
export class Exporter implements Measured {
  readonly #child: Deno.ChildProcess;
  readonly #outputs: Promise<unknown>;
  #tail = "";

  constructor(argv: readonly string[], env: Readonly<Record<string, string>>) {
    const [program, ...args] = argv;
    this.#child = new Deno.Command(program!, {
      args,
      env: environment(env),
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const { stdout, stderr } = this.#child;
    this.#outputs = Promise.all([this.#keepTail(stdout), this.#keepTail(stderr)]);
  }

  get tail(): string {
    return this.#tail;
  }

  cpuSeconds(): number {
    return cpuSeconds(this.#child.pid);
  }

  memory(): Memory {
    return memory(this.#child.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const members = processTree(this.#child.pid);
    signal(members.slice(0, 1), "SIGTERM");
    const guard = setTimeout(() => signal(members, "SIGKILL"), END_MS);
    await this.#child.status;
    await this.#outputs;
    clearTimeout(guard);
  }

  async #keepTail(output: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      this.#tail = (this.#tail + text).slice(-TAIL);
    }
  }
}

/** Several exporters, whose figures are added up. */
export class Exporters implements Measured {
  readonly #members: Exporter[] = [];

  /** Adds one, which is disposed with the others. */
  add(exporter: Exporter): void {
    this.#members.push(exporter);
  }

  /** That of the last one. */
  get tail(): string {
    return this.#members.at(-1)?.tail ?? "";
  }

  cpuSeconds(): number {
    return this.#members.reduce((sum, member) => sum + member.cpuSeconds(), 0);
  }

  memory(): Memory {
    const total = { rss: 0, pss: 0, anonymous: 0, peak: 0 };
    for (const member of this.#members) {
      const { rss, pss, anonymous, peak } = member.memory();
      total.rss += rss;
      total.pss += pss;
      total.anonymous += anonymous;
      total.peak += peak;
    }
    return total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#members.map((member) => member[Symbol.asyncDispose]()));
  }
}
