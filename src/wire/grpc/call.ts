/** What both ends of a call have in common: messages both ways, at the slower one's pace. @module */
import { STREAM_WINDOW } from "../http2/receive_window.ts";
import type { Header } from "../http2/header_table.ts";
import type { Http2Stream, StreamListener } from "../http2/stream.ts";
import { messagePrefix, MessageReader } from "./message.ts";

/** Hears of a call's messages. */
export interface CallListener {
  /** A message: the listener's to keep where we serve, valid during the call only where we call. */
  message(message: Uint8Array): void;
  /** The peer has no more messages. */
  end(): void;
  /** What was sent has left; there is room for more. */
  drained(): void;
  /** The call is over: the peer left, or it was ended. */
  closed(): void;
}

/** Bytes that may wait to be sent before the sender is asked to pause. */
const SEND_AHEAD = 256 * 1024;
/** Messages that may wait to be read before the peer's window is left to close. */
const READ_AHEAD = STREAM_WINDOW / 2;

/** @see module */
export abstract class Call implements StreamListener {
  protected readonly stream: Http2Stream;
  readonly #reader: MessageReader;
  #listener: CallListener | undefined;
  #paused = true;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #endTold = false;
  #over = false;

  /** @param keep whether messages are the listener's to keep */
  constructor(stream: Http2Stream, keep: boolean) {
    this.stream = stream;
    this.#reader = new MessageReader({ keep });
    stream.listener = this;
  }

  /** Whether nothing more can be said or heard. */
  get over(): boolean {
    return this.#over;
  }

  /** Begins to hear of messages. */
  listen(listener: CallListener): void {
    this.#listener = listener;
    this.resume();
  }

  /** No more messages for now; the peer is stopped once enough of them wait. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#paused = false;
    while (this.#queue.length > 0 && !this.#paused) {
      const message = this.#queue.shift()!;
      this.#queued -= message.length;
      this.#deliver(message);
    }
    this.#credit();
    this.#tellEnd();
  }

  /**
   * Sends a message, which must stay as it is until it has left.
   *
   * @returns whether there is room for more; `drained` tells when there is again.
   */
  send(message: Uint8Array): boolean {
    return this.stream.write(messagePrefix(message.length), message) < SEND_AHEAD;
  }

  /** Sends a message of which the first bytes stand behind its prefix, made by `messagePrefix`. */
  sendPieces(...pieces: Uint8Array[]): boolean {
    return this.stream.write(...pieces) < SEND_AHEAD;
  }

  /** Bytes that have not yet left. */
  get unsent(): number {
    return this.stream.pendingBytes;
  }

  /** A message cannot be taken: a a MessageError, or what the listener threw. */
  protected abstract refuse(error: unknown): void;

  /** The stream was reset, or its connection lost. */
  protected abstract broke(reason: number): void;

  /** @internal */
  abstract headers(headers: readonly Header[], end: boolean): void;

  /** Nothing more will come. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#queue = [];
    this.#listener?.closed();
  }

  /** @internal */
  data(bytes: Uint8Array): void {
    if (this.#over) return;
    try {
      this.#reader.read(bytes, (message) => this.#receive(message));
    } catch (error) {
      this.refuse(error);
    }
    this.#credit();
  }

  /** @internal */
  end(): void {
    if (this.#reader.incomplete) return this.refuse(new Error("the last message is cut off"));
    this.#ended = true;
    this.#tellEnd();
  }

  /** @internal */
  reset(reason: number): void {
    this.broke(reason);
    this.finish();
  }

  /** @internal */
  drained(): void {
    this.#listener?.drained();
  }

  #deliver(message: Uint8Array): void {
    try {
      this.#listener?.message(message);
    } catch (error) {
      this.refuse(error);
    }
  }

  #receive(message: Uint8Array): void {
    if (!this.#paused) return this.#deliver(message);
    this.#queue.push(this.#reader.keeps ? message : message.slice());
    this.#queued += message.length;
  }

  #credit(): void {
    if (this.#queued <= READ_AHEAD && this.stream.held > 0) this.stream.credit(this.stream.held);
  }

  #tellEnd(): void {
    if (!this.#ended || this.#endTold || this.#over) return;
    if (this.#paused || this.#queue.length > 0) return;
    this.#endTold = true;
    this.#listener?.end();
    this.ended();
  }

  /** The listener knows that the peer has no more messages. */
  protected ended(): void {}
}
