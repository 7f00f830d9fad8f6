/** Holds the lock of an exporter's name, and challenges the holder of a lock. @module */
import { withDeadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import { readLine } from "../../wire/net/line.ts";
import { type Answer, answer, ANSWER_MAX, challenge, CHALLENGE_LENGTH, verify } from "./proof.ts";

/** How long the holder waits for the challenge and the asker for the answer, in milliseconds. */
const QUESTION_MS = 1_000, ANSWER_MS = 3_000;

/** The pause after accept() failed, for example for lack of descriptors, in milliseconds. */
const REST_MS = 1_000;

/** Most connections that are answered at the same time; further ones are closed. */
const ASKERS = 16;

/** Holds a name until it is disposed or the process ends, and answers challenges. */
export class NameLock implements AsyncDisposable {
  readonly #name: string;
  readonly #listener: Deno.Listener<Deno.Conn>;
  readonly #token: () => Promise<string>;
  readonly #serving: Promise<void>;
  #askers = 0;
  #leaving = false;
  #disposed = false;

  private constructor(
    name: string,
    listener: Deno.Listener<Deno.Conn>,
    token: () => Promise<string>,
  ) {
    this.#name = name;
    this.#listener = listener;
    this.#token = token;
    this.#serving = this.#serve();
  }

  /** Takes the abstract socket `name`; undefined if another process holds it. */
  static take(name: string, token: () => Promise<string>): NameLock | undefined {
    const listener = listen(name);
    return listener && new NameLock(name, listener, token);
  }

  /** Whether no process holds `name`. */
  static isFree(name: string): boolean {
    using listener = listen(name);
    return listener !== undefined;
  }

  /** From now on, answers challenges with the request to wait for the name. */
  leaving(): void {
    this.#leaving = true;
  }

  /** Resolves when the name is free. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#disposed) this.#listener.close();
    this.#disposed = true;
    await this.#serving;
  }

  async #serve(): Promise<void> {
    while (!this.#disposed) {
      try {
        const conn = await this.#listener.accept();
        if (this.#askers >= ASKERS) conn.close();
        else void this.#answer(conn);
      } catch {
        if (!this.#disposed) await sleep(REST_MS);
      }
    }
  }

  /** Answers the challenge of a connection, then closes it. */
  async #answer(conn: Deno.Conn): Promise<void> {
    this.#askers += 1;
    try {
      await withDeadline(this.#prove(conn), { ms: QUESTION_MS });
    } catch {
      // The asker has left or is too slow, or the token cannot be read.
    } finally {
      close(conn);
      this.#askers -= 1;
    }
  }

  async #prove(conn: Deno.Conn): Promise<void> {
    const { line: question } = await readLine(conn, CHALLENGE_LENGTH);
    if (!/^[0-9a-f]{64}\n$/.test(question)) return;
    const line = answer(this.#name, question, await this.#token(), this.#leaving);
    await conn.write(new TextEncoder().encode(line));
  }
}

/** Challenges the holder of `name`; undefined if it does not know `token` or answers too late. */
export async function ask(name: string, token: string): Promise<Answer | undefined> {
  let conn: Deno.Conn | undefined;
  try {
    conn = await Deno.connect({ transport: "unix", path: `\0${name}` });
    return await withDeadline(challengeBy(conn, name, token), { ms: ANSWER_MS });
  } catch {
    return undefined;
  } finally {
    if (conn) close(conn);
  }
}

async function challengeBy(
  conn: Deno.Conn,
  name: string,
  token: string,
): Promise<Answer | undefined> {
  const question = challenge();
  await conn.write(new TextEncoder().encode(question));
  const { line } = await readLine(conn, ANSWER_MAX);
  return verify(name, question, token, line);
}

function listen(name: string): Deno.Listener<Deno.Conn> | undefined {
  try {
    return Deno.listen({ transport: "unix", path: `\0${name}` });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
