/** The received bytes of a call that were not yet delivered as messages. @module */
import { ByteQueue } from "./byte_queue.ts";
import { MessageReader, type MessageReaderOptions } from "./message.ts";

/** Delivers messages; while it is paused, it keeps the bytes undecoded. */
export class Inbox {
  readonly #reader: MessageReader;
  readonly #waiting = new ByteQueue();
  readonly #deliver: (message: Uint8Array) => void;
  #paused = true;
  #closed = false;
  #take: ((bytes: Uint8Array) => number) | undefined;
  #delivering = false;

  constructor(options: MessageReaderOptions, deliver: (message: Uint8Array) => void) {
    this.#reader = new MessageReader(options);
    this.#deliver = deliver;
  }

  /** Bytes that wait for `resume`. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The memory of its buffers in bytes. */
  get held(): number {
    return this.#reader.held + this.#waiting.held;
  }

  /** Whether it is not paused, and has delivered all complete messages. */
  get idle(): boolean {
    return !this.#paused && this.#waiting.length === 0;
  }

  /** Whether the last message is incomplete. */
  get incomplete(): boolean {
    return this.#reader.incomplete;
  }

  /**
   * Delivers bytes as they come, prefixes of messages included, from now on. The rest of those that
   * `take` does not take waits for `resume`.
   */
  undecoded(take: (bytes: Uint8Array) => number): void {
    this.#take = take;
  }

  /** Adds bytes of the peer. @throws {MessageError} */
  add(bytes: Uint8Array): void {
    if (this.#closed) return;
    const read = this.#waiting.length > 0 ? 0 : this.#read(bytes);
    if (read < bytes.length && !this.#closed) this.#waiting.append(bytes.subarray(read));
  }

  /** Stops delivering. */
  pause(): void {
    this.#paused = true;
  }

  /** Continues after `pause`. @throws {MessageError} */
  resume(): void {
    this.#paused = false;
    // During a delivery, that delivery continues by itself.
    if (!this.#delivering) this.#waiting.read((bytes) => this.#read(bytes));
  }

  /** Drops everything, now and later. */
  close(): void {
    this.#closed = true;
    this.#reader.drop();
    this.#waiting.clear();
  }

  #read(bytes: Uint8Array): number {
    if (this.#paused) return 0;
    this.#delivering = true;
    try {
      return this.#take ? this.#take(bytes) : this.#reader.read(bytes, this.#found);
    } finally {
      this.#delivering = false;
    }
  }

  readonly #found = (message: Uint8Array): boolean => {
    this.#deliver(message);
    return !this.#paused && !this.#closed;
  };
}
