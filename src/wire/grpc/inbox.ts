/** What has come of a call and was not yet delivered: messages that are unfinished or wait. @module */
import { ByteQueue } from "./byte_queue.ts";
import { MessageReader, type MessageReaderOptions } from "./message.ts";

/** Delivers messages, and keeps what comes meanwhile as the bytes that it is. */
export class Inbox {
  readonly #reader: MessageReader;
  readonly #waiting = new ByteQueue();
  readonly #deliver: (message: Uint8Array) => void;
  #paused = true;
  #closed = false;
  #delivering = false;

  constructor(options: MessageReaderOptions, deliver: (message: Uint8Array) => void) {
    this.#reader = new MessageReader(options);
    this.#deliver = deliver;
  }

  /** Bytes that wait for `resume`. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Bytes of memory that it takes. */
  get held(): number {
    return this.#reader.held + this.#waiting.held;
  }

  /** Whether messages are delivered, and all that have come were. */
  get idle(): boolean {
    return !this.#paused && this.#waiting.length === 0;
  }

  /** Whether it ends within a message. */
  get incomplete(): boolean {
    return this.#reader.incomplete;
  }

  /** Takes bytes of the peer. @throws {MessageError} */
  add(bytes: Uint8Array): void {
    if (this.#closed) return;
    const read = this.#waiting.length > 0 ? 0 : this.#read(bytes);
    if (read < bytes.length && !this.#closed) this.#waiting.append(bytes.subarray(read));
  }

  /** Delivers no more for now. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on. @throws {MessageError} */
  resume(): void {
    this.#paused = false;
    // Asked from within a delivery: that one goes on by itself.
    if (!this.#delivering) this.#waiting.read((bytes) => this.#read(bytes));
  }

  /** Forgets everything, and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#reader.drop();
    this.#waiting.clear();
  }

  #read(bytes: Uint8Array): number {
    if (this.#paused) return 0;
    this.#delivering = true;
    try {
      return this.#reader.read(bytes, this.#found);
    } finally {
      this.#delivering = false;
    }
  }

  readonly #found = (message: Uint8Array): boolean => {
    this.#deliver(message);
    return !this.#paused && !this.#closed;
  };
}
