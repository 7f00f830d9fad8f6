/**
 * The clients that read the status of a session, and the log with it. A final status, such as
 * BEFORE_LEASE_HOOK_FAILED, is the last that they learn of a lease: an official client leaves with
 * the poll that returns it, and with it the log lines that have not arrived yet.
 *
 * @module
 */
import { Deadline } from "../base/deadline.ts";
import { sleep } from "../base/sleep.ts";
import { Waiters } from "../base/waiters.ts";
import { isHook, type LogRecord } from "../log/log.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";
import type { GetStatusResponse } from "../wire/gen/jumpstarter/v1/jumpstarter.ts";
import type { LogBacklog, LogCursor } from "./logs.ts";
import type { SessionStatus } from "./status.ts";

/** Who must have read a status: one client, or each client that is connected and polls it. */
export type Audience = "one" | "all";

/** The parts of a call that matter here. */
export type ReaderCall = Pick<ServerCall, "signal" | "connection">;

/**
 * Longest delay of the answer to GetStatus, in milliseconds, while log lines are on their way. The
 * official client gives up a poll after 5 s.
 */
const HOLD_MS = 4_000;

/** Time that an official client may need to print a line, in milliseconds, on a busy host. */
const LINE_MS = 5;

/** Time from the last line of a hook to a final status, in milliseconds, for a client to receive it. */
const LAST_LINE_MS = 300;

/** GetStatus calls after which a client is known to poll; a single one may be a probe. */
const POLLS = 2;

/** A connection of a client. */
interface Reader {
  /** Number of GetStatus calls. */
  polls: number;
  /** Number of GetStatus calls that were answered with the present status. */
  answers: number;
  /** Whether the client has learned the present status. */
  knows: boolean;
  readonly cursors: Set<LogCursor>;
  /** When the client has printed the lines of hooks that were sent, by `performance.now()`. */
  printsUntil: number;
}

/** Answers the clients of a session, and notes what they have read. */
export class StatusReaders {
  readonly #status: SessionStatus;
  readonly #logs: LogBacklog;
  readonly #readers = new Map<AbortSignal, Reader>();
  readonly #changes = new Waiters();
  /** Whether any client has learned the present status, and may have left since. */
  #known = false;

  constructor(status: SessionStatus, logs: LogBacklog) {
    this.#status = status;
    this.#logs = logs;
    status.onSet(() => this.#forget());
  }

  /** Answers GetStatus: with a final status once the client has received the lines before it. */
  async answer({ signal, connection }: ReaderCall): Promise<GetStatusResponse> {
    const reader = this.#of(connection);
    if (reader) {
      reader.polls += 1;
      if (this.#status.isFinal) await this.#delivered(reader, signal);
    }
    const response = this.#status.get();
    if (reader && !signal.aborted) {
      reader.answers += 1;
      if (reader.cursors.size > 0 || reader.answers >= POLLS) this.#learns(reader);
      this.#changes.wake();
    }
    return response;
  }

  /** Yields the log of the session. */
  async *logs({ signal, connection }: ReaderCall): AsyncGenerator<LogRecord> {
    const reader = this.#of(connection);
    const cursor: LogCursor = { position: 0 };
    reader?.cursors.add(cursor);
    try {
      for await (const record of this.#logs.subscribe(signal, cursor)) {
        yield record;
        if (reader && isHook(record.origin)) {
          reader.printsUntil = Math.max(reader.printsUntil, performance.now()) + LINE_MS;
        }
      }
    } finally {
      reader?.cursors.delete(cursor);
    }
  }

  /** Notes that a call was refused with the status as the reason. */
  refused({ connection }: ReaderCall): void {
    const reader = this.#of(connection);
    if (reader) this.#learns(reader);
    this.#changes.wake();
  }

  /** Resolves when `audience` has read the present status, or `signal` aborts. */
  async read(audience: Audience, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#hasRead(audience)) await this.#changes.wait(signal);
  }

  #hasRead(audience: Audience): boolean {
    switch (audience) {
      case "one":
        return this.#known;
      case "all":
        return [...this.#readers.values()].every(({ knows, polls }) => knows || polls < POLLS);
    }
    return audience satisfies never;
  }

  #learns(reader: Reader): void {
    reader.knows = true;
    this.#known = true;
  }

  /** Begins anew with another status. */
  #forget(): void {
    this.#known = false;
    for (const reader of this.#readers.values()) {
      reader.answers = 0;
      reader.knows = false;
    }
  }

  async #delivered(reader: Reader, outer: AbortSignal): Promise<void> {
    const { cursors } = reader;
    if (cursors.size === 0) return;
    using limit = new Deadline({ ms: HOLD_MS, signal: outer });
    const { signal } = limit;
    await Promise.all([...cursors].map((cursor) => this.#logs.taken(cursor, signal)));
    await sleep(Math.max(0, reader.printsUntil + LAST_LINE_MS - performance.now()), signal);
  }

  #of(connection: AbortSignal | undefined): Reader | undefined {
    if (!connection || connection.aborted) return undefined;
    const known = this.#readers.get(connection);
    if (known) return known;
    const reader: Reader = {
      ...{ polls: 0, answers: 0, knows: false, printsUntil: -Infinity },
      cursors: new Set(),
    };
    this.#readers.set(connection, reader);
    connection.addEventListener("abort", () => {
      this.#readers.delete(connection);
      // It asked once, and left with the answer.
      if (reader.answers > 0) this.#known = true;
      this.#changes.wake();
    });
    return reader;
  }
}
