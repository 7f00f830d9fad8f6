/** An official client on the host that uses an exporter in the guest. @module */
import type { Client, Env } from "../official/client.ts";
import { linesOf } from "../lines.ts";

const here = new URL("./", import.meta.url).pathname;
const official = new URL("../official/programs/", import.meta.url).pathname;

/** Longest statement, in ms: it may transfer a whole card. */
const STATEMENT_MS = 240_000;

type Answer = { readonly result: unknown } | {
  readonly raised: readonly string[];
  readonly text: string;
};

/** An error of the client: its classes and its text. */
export interface Raised {
  readonly kinds: readonly string[];
  readonly text: string;
}

/** An official client that stays connected. */
export class ClientSession implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #errors: Promise<string>;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#lines = linesOf(child.stdout);
    this.#errors = new Response(child.stderr).text();
  }

  /** Connects; `env` names the exporter. */
  static async start(client: Client, env: Env): Promise<ClientSession> {
    const child = new Deno.Command("python", {
      args: ["-W", "ignore", `${here}programs/session.py`],
      env: { ...client.env, ...env, OFFICIAL_PROGRAMS: official },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const session = new ClientSession(child);
    try {
      await session.#answer("its start");
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs Python statements with the variable `client`. @returns the value of `result` */
  async run(statements: string): Promise<unknown> {
    const answer = await this.#ask(statements);
    if ("result" in answer) return answer.result;
    throw new Error(`Expected '${statements}' to work, found ${answer.raised[0]}: ${answer.text}`);
  }

  /** The error that Python statements raise. */
  async fails(statements: string): Promise<Raised> {
    const answer = await this.#ask(statements);
    if ("raised" in answer) return { kinds: answer.raised, text: answer.text };
    throw new Error(`Expected '${statements}' to fail, found ${JSON.stringify(answer.result)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    const timer = setTimeout(() => this.#kill(), 20_000);
    await this.#child.status;
    clearTimeout(timer);
    await this.#errors;
  }

  async #ask(statements: string): Promise<Answer> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(statements)}\n`));
    return await this.#answer(`'${statements}'`);
  }

  async #answer(what: string): Promise<Answer> {
    const timer = setTimeout(() => this.#kill(), STATEMENT_MS);
    const { value } = await this.#lines.next();
    clearTimeout(timer);
    if (value !== undefined) return JSON.parse(value);
    throw new Error(`The client ended in ${what}:\n${await this.#errors}`);
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
