/** A process that answers each request, a line of JSON, with a line of JSON. @module */
import { environment } from "./environment.ts";

/** Longest wait for an answer, in milliseconds; a scenario takes seconds. */
const ANSWER_MS = 90_000;
/** How long a process may take to end once its input has ended, in milliseconds. */
const END_MS = 10_000;

/** Sends one request at a time; disposing it ends the process. */
export class Peer implements AsyncDisposable {
  readonly #name: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;

  /** @param env added to the environment of all processes of the benchmark */
  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const [program, ...args] = argv;
    this.#name = args.at(0)?.split("/").at(-1) ?? program!;
    this.#child = new Deno.Command(program!, {
      args,
      env: environment(env),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = readLines(this.#child.stdout);
  }

  /** @throws {Error} when the process answers with an error, ends, or takes longer than 90 s. */
  async ask<T>(question: Readonly<Record<string, unknown>>): Promise<T> {
    const text = JSON.stringify(question);
    await this.#writer.write(new TextEncoder().encode(`${text}\n`));
    const guard = setTimeout(() => this.#child.kill("SIGKILL"), ANSWER_MS);
    const { value, done } = await this.#lines.next();
    clearTimeout(guard);
    if (done) throw this.#failure(text, `nothing within ${ANSWER_MS / 1000} s or the end`);
    const answer = JSON.parse(value);
    if (answer.error) throw this.#failure(text, answer.error);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    const guard = setTimeout(() => this.#child.kill("SIGKILL"), END_MS);
    await this.#lines.return(undefined);
    await this.#child.status;
    clearTimeout(guard);
  }

  #failure(question: string, found: string): Error {
    return new Error(`Cannot go on: expected ${this.#name} to answer ${question}, found ${found}`);
  }
}

async function* readLines(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
