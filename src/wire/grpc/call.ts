/** What both sides of a call have in common: messages in both directions, with backpressure. @module */
import { ResourceExhausted } from "../error.ts";
import type { Header } from "../http2/header_table.ts";
import { STREAM_WINDOW } from "../http2/receive_window.ts";
import type { Http2Stream, StreamListener } from "../http2/stream.ts";
import type { BudgetedCall, Share } from "./budget.ts";
import { Inbox } from "./inbox.ts";
import { messagePrefix, type MessageReaderOptions } from "./message.ts";

/** Receives the events of a call, except its messages. */
export interface CallEvents {
  /** The metadata of the server; clients only, before the first message. */
  metadata?(headers: readonly Header[]): void;
  /** The peer sends no more messages. */
  end(): void;
  /** All messages were passed to the connection; there is room for more. */
  drained(): void;
  /** The call is over, whichever side ended it. */
  closed(): void;
}

/** Receives the events of a call. */
export interface CallListener extends CallEvents {
  /** A message; valid during the callback only, unless the call makes copies. */
  message(message: Uint8Array): void;
}

/** Receives the events of a call, whose messages it gets as they come. */
export interface BytesListener extends CallEvents {
  /**
   * Bytes of messages and their prefixes, in any pieces; valid during the callback only. Returns how
   * many it takes; the rest, and what follows, waits for `resume`.
   */
  bytes(bytes: Uint8Array): number;
}

/** Options of both sides. */
export interface CallOptions extends MessageReaderOptions {
  /** Counts its memory, if given. */
  readonly share?: Share | undefined;
}

/** Unsent bytes from which on the sender should pause. */
const SEND_AHEAD = 256 * 1024;
/** Memory of an unsent piece besides its bytes. */
const PIECE_COST = 128;
/** Unread bytes from which on the peer's window is not opened. */
const READ_AHEAD = STREAM_WINDOW / 2;
/** The same when memory is short. */
const TIGHT_AHEAD = 64 * 1024;

/** Smaller changes of memory are not reported to the budget, so that small calls report only twice. */
const GRAIN = 1024;

/** @see module */
export abstract class Call implements StreamListener, BudgetedCall {
  protected readonly stream: Http2Stream;
  readonly #inbox: Inbox;
  protected listener: CallEvents | undefined;
  #message: CallListener["message"] | undefined;
  #ended = false;
  #endTold = false;
  #over = false;
  #dropping = false;
  /** Counts its memory. */
  readonly share: Share | undefined;
  #kept = 0;
  /** The memory last reported to the share; undefined once the share has evicted the call. */
  #held: number | undefined = 0;

  constructor(stream: Http2Stream, options: CallOptions) {
    this.stream = stream;
    this.share = options.share;
    this.#inbox = new Inbox(options, (message) => this.#deliver(message));
    stream.listener = this;
  }

  /** Whether the call is over. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether all that the peer sends has arrived; it may not be delivered yet. */
  protected get complete(): boolean {
    return this.#ended;
  }

  /** Starts to deliver events; reports the end at once when the call is over already. */
  listen(listener: CallListener): void {
    this.#message = (message) => listener.message(message);
    this.begun(listener);
  }

  /** Does the same for a listener to undecoded messages. */
  listenToBytes(listener: BytesListener): void {
    this.#inbox.undecoded((bytes) => listener.bytes(bytes));
    this.begun(listener);
  }

  /** Starts to deliver events. */
  protected begun(listener: CallEvents): void {
    this.listener = listener;
    if (this.#over) listener.closed();
    else this.resume();
  }

  /** Stops the delivery of messages; the peer is held back once enough of them wait. */
  pause(): void {
    this.#inbox.pause();
  }

  /** Continues after `pause`. */
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
   * Sends a message, which must not change until `drained`.
   *
   * @returns whether there is room for more; `drained` reports room later
   */
  send(message: Uint8Array): boolean {
    return this.sendPieces(messagePrefix(message.length), message);
  }

  /** Sends a message in pieces; the first piece begins with the prefix of `messagePrefix`. */
  sendPieces(...pieces: Uint8Array[]): boolean {
    this.stream.write(...pieces);
    this.#count();
    return this.#unsentCost < (this.tight ? 1 : SEND_AHEAD);
  }

  /**
   * Sends bytes that `listenToBytes` has delivered, as many as can be sent now.
   *
   * @returns how many; when these are not all, `drained` reports room for the rest
   */
  sendBytes(bytes: Uint8Array): number {
    return this.stream.writeNow(bytes);
  }

  /** Bytes that were not yet passed to the connection. */
  get unsent(): number {
    return this.stream.pendingBytes;
  }

  /** Whether memory is short, so that the call should keep as little as possible. */
  get tight(): boolean {
    return this.share?.tight ?? false;
  }

  /** Reports the memory that is used for the call besides its own buffers, in bytes. */
  keep(bytes: number): void {
    this.#kept = bytes;
    this.#count();
  }

  /** Ends the call for a MessageError, an error of the listener, or an eviction. */
  protected abstract refuse(error: unknown): void;

  /** The peer has reset the stream, or the connection is lost. */
  protected abstract broke(reason: number, why?: string): void;

  /** @internal */
  abstract headers(headers: readonly Header[], end: boolean): void;

  /** @internal */
  evict(reason: string): void {
    this.#held = undefined;
    this.refuse(new ResourceExhausted(`Cannot go on with the call: ${reason}`));
  }

  /** Marks the call as over. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.deafen();
    this.listener?.closed();
  }

  /** Drops received messages, now and later. */
  protected deafen(): void {
    this.#dropping = true;
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
    this.listener?.drained();
  }

  #deliver(message: Uint8Array): void {
    try {
      this.#message?.(message);
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
    if (!this.#ended || this.#endTold || this.#dropping || !this.#inbox.idle) return;
    this.#endTold = true;
    if (this.#inbox.incomplete) return this.refuse(new Error("the last message is cut off"));
    this.listener?.end();
    this.ended();
  }

  /** Called after the listener was told that the peer sends no more messages. */
  protected ended(): void {}

  get #unsentCost(): number {
    const { closed, pending, pendingBytes } = this.stream;
    return closed ? 0 : pendingBytes + PIECE_COST * pending.length;
  }

  #count(): void {
    if (!this.share || this.#held === undefined) return;
    const held = this.#kept + this.#inbox.held + this.#unsentCost;
    const change = Math.abs(held - this.#held);
    if (change === 0 || (change < GRAIN && held > 0)) return;
    this.#held = held;
    this.share.set(this, held);
  }
}
