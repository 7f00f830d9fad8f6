/** The official Python client as a process that holds leases and tries them on command. @module */
import { officialClient } from "../official/environment.ts";
import { within } from "./fault.ts";

const PROGRAM = new URL("client.py", import.meta.url).pathname;

/** Added to each bound, for a process that is slow to answer. */
const SLACK_MS = 10_000;

/** How long one try may take; an official client would wait longer for a router that is silent. */
const TRY_MS = 6_000;

type Answer = { readonly ok: boolean; readonly error?: string; readonly name?: string };

/** One official client. */
export class OfficialClient implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #answers: AsyncGenerator<Answer>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #complaints: Promise<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#answers = answersOf(child.stdout);
    this.#input = child.stdin.getWriter();
    this.#complaints = new Response(child.stderr).text();
  }

  /**
   * Starts a client of the exporter `exporter`; its config and its sockets are in `dir`. `wrapper`
   * is a command that ends by executing the arguments after it.
   */
  static async start(
    dir: string,
    config: string,
    exporter: string,
    wrapper: readonly string[] = [],
  ): Promise<OfficialClient> {
    const { bin } = await officialClient();
    const [name, ...args] = [...wrapper, `${bin}/python`, "-u", PROGRAM, config, exporter];
    const child = new Deno.Command(name!, {
      args,
      env: { HOME: dir, XDG_RUNTIME_DIR: dir, JMP_CLIENT_CONFIG_HOME: dir },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const client = new OfficialClient(child);
    try {
      await client.#next(60_000, "start");
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Takes a lease, and gives its name. */
  async lease(withinMs = 30_000): Promise<string> {
    const { name } = await this.#must("lease", withinMs);
    return name!;
  }

  /** Connects again, switches power on and sends bytes through the echo, once. */
  async probe(withinMs = TRY_MS): Promise<void> {
    await this.#must("probe", withinMs);
  }

  /** Probes until it works. @throws {Error} with the last error after `withinMs` */
  async works(withinMs = 30_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const left = deadline - Date.now();
      const { ok, error } = await this.#ask("probe", Math.min(TRY_MS, Math.max(left, 1_000)));
      if (ok) return;
      if (Date.now() > deadline) throw new Error(`Cannot use the lease: ${error}`);
    }
  }

  /** Connects, and keeps the connection idle until it is used. */
  async hold(): Promise<void> {
    await this.#must("hold", TRY_MS);
  }

  /** Switches power on, on the connection that is held. */
  async use(): Promise<void> {
    await this.#must("use", TRY_MS);
  }

  /** Closes the connection that is held. */
  async drop(): Promise<void> {
    await this.#must("drop", TRY_MS);
  }

  /** Sends bytes through the echo in the background, until it breaks or is stopped. */
  async transfer(withinMs = TRY_MS): Promise<void> {
    await this.#must("transfer", withinMs);
  }

  /** Ends the transfer, which may have broken, or hang: official clients do not notice every break. */
  async stop(): Promise<void> {
    await this.#must("stop", TRY_MS);
  }

  /** Gives the lease back. */
  async release(): Promise<void> {
    await this.#must("release", 40_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#input.abort().catch(() => {});
    for await (const _rest of this.#answers) { /* Only the end of its output is of interest. */ }
    await this.#complaints;
  }

  async #must(what: string, withinMs: number): Promise<Answer> {
    const answer = await this.#ask(what, withinMs);
    if (answer.ok) return answer;
    throw new Error(`Cannot ${what} as the official client: ${answer.error}`);
  }

  async #ask(what: string, withinMs: number): Promise<Answer> {
    const request = { do: what, within: withinMs / 1_000 };
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    return await this.#next(withinMs + SLACK_MS, what);
  }

  async #next(boundMs: number, what: string): Promise<Answer> {
    const answer = this.#answers.next();
    const { value, done } = await within(answer, boundMs, `Cannot ${what} as the official client`);
    if (!done) return value;
    throw new Error(`Cannot ${what}: the official client ended:\n${await this.#complaints}`);
  }
}

async function* answersOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Answer> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line);
  }
}
