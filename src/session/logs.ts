/** The log lines of a session: a bounded backlog that every subscriber reads by itself. @module */
import type { LogRecord } from "../log/log.ts";
import { Waiters } from "../base/waiters.ts";

/** Lines kept for subscribers that come late, and their characters; the oldest go first. */
const CAPACITY = 2048;
const MAX_SIZE = 4 * 1024 * 1024;

/** A ring of log records with one cursor per subscriber. */
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

  /** Ends every subscription once it has read what there is. */
  close(): void {
    this.#closed = true;
    this.#news.wake();
  }

  /**
   * The backlog and then every new line, until `signal` aborts or the backlog closes.
   * Lines that are there by then are still delivered: the last ones say why it ended.
   */
  async *subscribe(signal: AbortSignal): AsyncGenerator<LogRecord> {
    for (let cursor = this.#start;;) {
      // A subscriber slower than the log skips what has left the ring.
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
