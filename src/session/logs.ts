/** The log lines of a session: a bounded backlog, which each subscriber reads at its own pace. @module */
import type { LogRecord } from "../log/log.ts";
import { Waiters } from "../base/waiters.ts";

/** The most lines kept for late subscribers, and the most characters; the oldest are dropped first. */
const CAPACITY = 2048;
const MAX_SIZE = 4 * 1024 * 1024;

/** The place of a subscriber in the log. */
export interface LogCursor {
  /** Number of lines, from the first of the session, that the subscriber has taken or missed. */
  position: number;
}

/** A queue of log records with one cursor per subscriber. */
export class LogBacklog {
  #records: LogRecord[] = [];
  /** Position of `#records[0]` in the whole log. */
  #start = 0;
  #size = 0;
  readonly #news = new Waiters();
  readonly #taken = new Waiters();
  #closed = false;

  /** Adds a line and wakes the subscribers. */
  push(record: LogRecord): void {
    this.#records.push(record);
    this.#size += record.message.length;
    while (this.#records.length > CAPACITY || this.#size > MAX_SIZE) {
      this.#size -= this.#records.shift()!.message.length;
      this.#start += 1;
    }
    this.#news.wake();
  }

  /** Ends each subscription once it has read the present lines. */
  close(): void {
    this.#closed = true;
    this.#news.wake();
  }

  /**
   * Yields the backlog and then each new line, until `signal` aborts or the backlog closes. Lines
   * that exist by then are still yielded: the last ones tell why the session ended.
   *
   * @param cursor moves as the lines are taken; it begins at the oldest line.
   */
  async *subscribe(
    signal: AbortSignal,
    cursor: LogCursor = { position: 0 },
  ): AsyncGenerator<LogRecord> {
    for (;;) {
      // A slow subscriber skips lines that were dropped.
      cursor.position = Math.max(cursor.position, this.#start);
      const record = this.#records[cursor.position - this.#start];
      if (!record && (this.#closed || signal.aborted)) return;
      if (record) {
        yield record;
        cursor.position += 1;
        this.#taken.wake();
      } else await this.#news.wait(signal);
    }
  }

  /** Waits until the subscriber of `cursor` has taken all lines that exist now, or `signal` aborts. */
  async taken(cursor: LogCursor, signal: AbortSignal): Promise<void> {
    const end = this.#start + this.#records.length;
    while (cursor.position < end && !signal.aborted) await this.#taken.wait(signal);
  }
}
