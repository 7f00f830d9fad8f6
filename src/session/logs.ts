/** The log lines of a session: a bounded backlog, which each subscriber reads at its own pace. @module */
import type { LogRecord } from "../log/log.ts";
import { Waiters } from "../base/waiters.ts";

/** The most lines kept for late subscribers, and the most characters; the oldest are dropped first. */
const CAPACITY = 2048;
const MAX_SIZE = 4 * 1024 * 1024;

/** A queue of log records with one cursor per subscriber. */
export class LogBacklog {
  #records: LogRecord[] = [];
  /** Position of `#records[0]` in the whole log. */
  #start = 0;
  #size = 0;
  readonly #news = new Waiters();
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
   */
  async *subscribe(signal: AbortSignal): AsyncGenerator<LogRecord> {
    for (let cursor = this.#start;;) {
      // A slow subscriber skips lines that were dropped.
      cursor = Math.max(cursor, this.#start);
      const record = this.#records[cursor - this.#start];
      if (!record && (this.#closed || signal.aborted)) return;
      if (record) {
        cursor += 1;
        yield record;
      } else await this.#news.wait(signal);
    }
  }
}
