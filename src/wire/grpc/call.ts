/** What both ends of a call have in common: messages both ways, at the slower one's pace. @module */
import { ResourceExhausted } from "../error.ts";
import type { Header } from "../http2/header_table.ts";
import { STREAM_WINDOW } from "../http2/receive_window.ts";
import type { Http2Stream, StreamListener } from "../http2/stream.ts";
import type { BudgetedCall, Share } from "./budget.ts";
import { Inbox } from "./inbox.ts";
import { messagePrefix, type MessageReaderOptions } from "./message.ts";

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

/** What a call is made with. */
export interface CallOptions extends MessageReaderOptions {
  /** Where its memory is counted, if it is. */
  readonly share?: Share | undefined;
}

/** Bytes that may wait to be sent before the sender is asked to pause. */
const SEND_AHEAD = 256 * 1024;
/** What a piece that waits to be sent takes beside its bytes. */
const PIECE_COST = 128;
/** Bytes that may wait to be read before the peer's window is left to close. */
const READ_AHEAD = STREAM_WINDOW / 2;
/** The same where memory is short. */
const TIGHT_AHEAD = 64 * 1024;

/** Changes of less are not told to the budget: a call of a few bytes costs two words with it. */
const GRAIN = 1024;

/** @see module */
export abstract class Call implements StreamListener, BudgetedCall {
  protected readonly stream: Http2Stream;
  readonly #inbox: Inbox;
  #listener: CallListener | undefined;
  #ended = false;
  #endTold = false;
  #over = false;
  #deaf = false;
  readonly #share: Share | undefined;
  #kept = 0;
  /** What the share knows that this call takes; undefined once it has evicted the call. */
  #held: number | undefined = 0;

  constructor(stream: Http2Stream, options: CallOptions) {
    this.stream = stream;
    this.#share = options.share;
    this.#inbox = new Inbox(options, (message) => this.#deliver(message));
    stream.listener = this;
  }

  /** Whether nothing more can be said or heard. */
  get over(): boolean {
    return this.#over;
  }

  /** Begins to hear of messages; of the end at once where the call is over already. */
  listen(listener: CallListener): void {
    this.#listener = listener;
    if (this.#over) listener.closed();
    else this.resume();
  }

  /** No more messages for now; the peer is stopped once enough of them wait. */
  pause(): void {
    this.#inbox.pause();
  }

  /** Goes on after `pause`. */
  resume(): void {
    try {
      this.#inbox.resume();
    } catch (error) {
      this.refuse(error);
    }
    this.#taken();
    this.#tellEnd();
  }

  /**
   * Sends a message, which must stay as it is until it has left.
   *
   * @returns whether there is room for more; `drained` tells when there is again.
   */
  send(message: Uint8Array): boolean {
    return this.sendPieces(messagePrefix(message.length), message);
  }

  /** Sends a message of which the first bytes stand behind its prefix, made by `messagePrefix`. */
  sendPieces(...pieces: Uint8Array[]): boolean {
    this.stream.write(...pieces);
    this.#count();
    return this.#unsentCost < (this.tight ? 1 : SEND_AHEAD);
  }

  /** Bytes that have not yet left. */
  get unsent(): number {
    return this.stream.pendingBytes;
  }

  /** Whether memory is short: nothing should be kept that need not be. */
  get tight(): boolean {
    return this.#share?.tight ?? false;
  }

  /** Says how many bytes of memory are kept for the call beside what it keeps itself. */
  keep(bytes: number): void {
    this.#kept = bytes;
    this.#count();
  }

  /** A message cannot be taken, for a MessageError or what the listener threw, or the call not go on. */
  protected abstract refuse(error: unknown): void;

  /** The stream was reset, or its connection lost. */
  protected abstract broke(reason: number, why?: string): void;

  /** @internal */
  abstract headers(headers: readonly Header[], end: boolean): void;

  /** @internal */
  evict(reason: string): void {
    this.#held = undefined;
    this.refuse(new ResourceExhausted(`Cannot go on with the call: ${reason}`));
  }

  /** Nothing more will come. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.deafen();
    this.#listener?.closed();
  }

  /** Drops what was not delivered, and what is yet to come. */
  protected deafen(): void {
    this.#deaf = true;
    this.#inbox.close();
    this.#count();
  }

  /** @internal */
  data(bytes: Uint8Array): void {
    try {
      this.#inbox.add(bytes);
    } catch (error) {
      this.refuse(error);
    }
    this.#taken();
  }

  /** @internal */
  end(): void {
    this.#ended = true;
    this.#tellEnd();
  }

  /** @internal */
  reset(reason: number, why?: string): void {
    this.broke(reason, why);
    this.finish();
  }

  /** @internal */
  drained(): void {
    this.#count();
    this.#listener?.drained();
  }

  #deliver(message: Uint8Array): void {
    try {
      this.#listener?.message(message);
    } catch (error) {
      this.refuse(error);
    }
  }

  #taken(): void {
    this.#count();
    if (this.stream.held === 0) return;
    const ahead = this.tight ? TIGHT_AHEAD : READ_AHEAD;
    if (this.#inbox.waiting <= ahead) this.stream.credit(this.stream.held);
  }

  #tellEnd(): void {
    if (!this.#ended || this.#endTold || this.#deaf || !this.#inbox.idle) return;
    this.#endTold = true;
    if (this.#inbox.incomplete) return this.refuse(new Error("the last message is cut off"));
    this.#listener?.end();
    this.ended();
  }

  /** The listener knows that the peer has no more messages. */
  protected ended(): void {}

  get #unsentCost(): number {
    const { closed, pending, pendingBytes } = this.stream;
    return closed ? 0 : pendingBytes + PIECE_COST * pending.length;
  }

  #count(): void {
    if (!this.#share || this.#held === undefined) return;
    const held = this.#kept + this.#inbox.held + this.#unsentCost;
    const change = Math.abs(held - this.#held);
    if (change === 0 || (change < GRAIN && held > 0)) return;
    this.#held = held;
    this.#share.set(this, held);
  }
}
