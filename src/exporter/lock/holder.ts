/** Having a name, and asking who has it. @module */
import { withDeadline } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";
import { type Answer, answer, ANSWER_MAX, challenge, CHALLENGE_LENGTH, verify } from "./proof.ts";

/** How long either side waits for the other: both are on this host, and one may be busy. */
const QUESTION_MS = 1_000, ANSWER_MS = 3_000;

/** How long nobody is answered where no connection can be taken, as without a descriptor left. */
const REST_MS = 1_000;

/** So many may ask at the same time. */
const ASKERS = 16;

/** Has a name until it is disposed, or the process ends; proves that to whoever asks. */
export class Holder implements AsyncDisposable {
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

  /** Takes the abstract socket `name`; undefined where another process has it. */
  static take(name: string, token: () => Promise<string>): Holder | undefined {
    const listener = listen(name);
    return listener && new Holder(name, listener, token);
  }

  /** Whether nobody has `name`. */
  static isFree(name: string): boolean {
    using listener = listen(name);
    return listener !== undefined;
  }

  /** From now on whoever wants the name is told to wait for it. */
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

  /** Whoever asks gets one answer to one line, or nothing. */
  async #answer(conn: Deno.Conn): Promise<void> {
    this.#askers += 1;
    try {
      await withDeadline(this.#prove(conn), { ms: QUESTION_MS });
    } catch {
      // It has gone or is slow, or there is no token: then there is nothing to prove with.
    } finally {
      close(conn);
      this.#askers -= 1;
    }
  }

  async #prove(conn: Deno.Conn): Promise<void> {
    const question = await readLine(conn, CHALLENGE_LENGTH);
    if (!/^[0-9a-f]{64}\n$/.test(question)) return;
    const line = answer(this.#name, question, await this.#token(), this.#leaving);
    await conn.write(new TextEncoder().encode(line));
  }
}

/** Asks whoever has `name`; undefined where it does not know `token`, or is too slow to say. */
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
  return verify(name, question, token, await readLine(conn, ANSWER_MAX));
}

function listen(name: string): Deno.Listener<Deno.Conn> | undefined {
  try {
    return Deno.listen({ transport: "unix", path: `\0${name}` });
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return undefined;
    throw error;
  }
}

/** Up to the end of a line, of the connection, or of `max` bytes. */
async function readLine(conn: Deno.Conn, max: number): Promise<string> {
  const bytes = new Uint8Array(max);
  let length = 0;
  while (length < max && bytes[length - 1] !== 10) {
    const count = await conn.read(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, length));
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed.
  }
}
