/**
 * An HTTP/2 connection (RFC 9113) as a pure state machine: it takes and gives bytes, and reports
 * events to its listener. It has no socket and no clock.
 *
 * @module
 */
import { ConnectionError, Reason, reasonName, Setting, Type } from "./codes.ts";
import { FrameBudget } from "./frame_budget.ts";
import { FrameReader, PREFACE } from "./frame_reader.ts";
import { MAX_HEADERS } from "./header_blocks.ts";
import type { Header } from "./header_table.ts";
import { ReceiveWindow, STREAM_WINDOW } from "./receive_window.ts";
import { Receiver } from "./receiver.ts";
import { Sender } from "./sender.ts";
import { writeSettings } from "./settings.ts";
import { Http2Stream, type StreamOwner } from "./stream.ts";
import { StreamTable } from "./stream_table.ts";

/** The largest frame that we accept: a message of official clients (64 KiB and some bytes) fits. */
const MAX_FRAME = 1024 * 1024;
/** Unread answers in bytes beyond which a peer is flooding us. */
const MAX_BACKLOG = 1024 * 1024;

/** Receives the events of a connection. */
export interface ConnectionListener {
  /** The peer has opened a stream (servers only). The callee must set its listener. */
  stream(stream: Http2Stream, headers: readonly Header[], end: boolean): void;
  /** The peer's SETTINGS have arrived: it speaks HTTP/2. */
  greeted(): void;
  /** There is something to write: call {@linkcode Http2Connection.takeOutput}. */
  output(): void;
  /** The last open stream has ended. */
  idle(): void;
  /** The peer has answered a PING. */
  answered(): void;
  /** The peer accepts no new streams. */
  goaway(reason: number): void;
  /** The connection has failed; every stream was told. Its last output tells the peer why. */
  failed(error: ConnectionError): void;
}

/** @see module */
export class Http2Connection {
  readonly #server: boolean;
  readonly #listener: ConnectionListener;
  readonly #streams = new StreamTable();
  readonly #budget = new FrameBudget();
  readonly #sender = new Sender(this.#budget, (stream) => this.#localEnded(stream));
  readonly #window = new ReceiveWindow((stream, bytes) => {
    this.#sender.control(Type.WINDOW_UPDATE, 0, stream, bytes);
    this.#listener.output();
  });
  readonly #reader: FrameReader;
  readonly #owner: StreamOwner = {
    sendHeaders: (stream, headers, end) => {
      this.#sender.headers(stream, headers, end);
      this.#listener.output();
    },
    sendPending: (stream) => {
      this.#sender.ready(stream);
      if (this.#sender.hasReady) this.#listener.output();
    },
    sendNow: (stream, bytes) => {
      const taken = this.#sender.take(stream, bytes);
      if (taken > 0) this.#listener.output();
      return taken;
    },
    credit: (stream, bytes) => {
      if (!this.#closed) this.#window.credit(stream, bytes);
    },
    abandon: (stream, reason) => this.#abandon(stream, reason),
  };
  #closed = false;
  #goneAway = false;

  constructor(role: "server" | "client", listener: ConnectionListener) {
    this.#server = role === "server";
    this.#listener = listener;
    const receiver = new Receiver({
      server: this.#server,
      streams: this.#streams,
      window: this.#window,
      sender: this.#sender,
      budget: this.#budget,
      accept: (id) => this.#accept(id),
      opened: (stream, headers, end) => listener.stream(stream, headers, end),
      settled: () => listener.greeted(),
      answered: () => listener.answered(),
      gone: (last, reason) => this.#peerGone(last, reason),
      finished: (stream) => this.#finish(stream),
      broken: (stream, reason) => this.#break(stream, reason),
      breach: (stream, reason, why) => this.#breach(stream, reason, why),
    });
    this.#reader = new FrameReader(receiver, { maxFrame: MAX_FRAME, preface: this.#server });
    this.#greet();
  }

  /** Whether the connection is closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The number of open streams. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Whether a client may open another stream. */
  get canOpen(): boolean {
    return !this.#closed && !this.#goneAway && this.#streams.hasRoom;
  }

  /** The work that the peer has caused, in frames; see {@linkcode TURN}. */
  get work(): number {
    return this.#reader.work;
  }

  /**
   * Reads bytes of the peer, as many as a turn allows. Never throws: a violation fails the
   * connection.
   *
   * @returns the number of bytes read; pass the rest again in another turn
   */
  receive(bytes: Uint8Array): number {
    if (this.#closed) return bytes.length;
    let taken = bytes.length;
    try {
      taken = this.#reader.read(bytes);
      if (this.#sender.output.length > MAX_BACKLOG) {
        throw new ConnectionError(Reason.ENHANCE_YOUR_CALM, "the peer reads none of its answers");
      }
    } catch (error) {
      this.fail(
        error instanceof ConnectionError
          ? error
          : new ConnectionError(Reason.INTERNAL_ERROR, String(error)),
      );
    }
    if (this.#sender.output.length > 0 || this.#sender.hasReady) this.#listener.output();
    return taken;
  }

  /** The bytes to write, empty for none; pass them to {@linkcode giveBack} once they are written. */
  takeOutput(): Uint8Array<ArrayBuffer> {
    this.#sender.fill();
    return this.#sender.output.take();
  }

  /** @see takeOutput */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    this.#sender.output.giveBack(bytes);
  }

  /** Opens a stream as a client. The caller must set its listener. */
  open(headers: Iterable<Header>): Http2Stream {
    const stream = this.#newStream(this.#streams.claim());
    this.#streams.add(stream);
    this.#sender.headers(stream, headers, false);
    this.#listener.output();
    return stream;
  }

  /** Sends a PING; any bytes of the peer show that it lives. */
  ping(): void {
    if (this.#closed) return;
    this.#sender.control(Type.PING, 0, 0, 0, 0);
    this.#listener.output();
  }

  /**
   * Opens and accepts no new streams; open ones continue. A server tells the peer. A client does
   * not: some servers would end the open streams.
   */
  goaway(): void {
    if (this.#closed || this.#goneAway) return;
    this.#goneAway = true;
    if (!this.#server) return;
    this.#sender.control(Type.GOAWAY, 0, 0, this.#streams.last, Reason.NO_ERROR);
    this.#listener.output();
  }

  /** Fails the connection: tells every stream, and the peer in the last output. */
  fail(error: ConnectionError): void {
    if (this.#closed) return;
    const { output } = this.#sender;
    const what = new TextEncoder().encode(error.message.slice(0, 200));
    output.frame(Type.GOAWAY, 0, 0, 8 + what.length);
    output.uint32(this.#server ? this.#streams.last : 0);
    output.uint32(error.reason);
    output.append(what);
    this.#close(error.reason);
    this.#listener.output();
    this.#listener.failed(error);
  }

  /** To be called every few seconds: restores the peer's {@linkcode FrameBudget}. */
  refill(): void {
    this.#budget.refill();
  }

  /** The link is closed: tells every stream. */
  lost(): void {
    if (!this.#closed) this.#close(Reason.CONNECT_ERROR);
  }

  #close(reason: number): void {
    this.#closed = true;
    for (const stream of this.#streams.all()) this.#break(stream, reason);
  }

  #greet(): void {
    const { output } = this.#sender;
    if (!this.#server) output.append(PREFACE);
    writeSettings(output, [
      [Setting.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
      [Setting.MAX_FRAME_SIZE, MAX_FRAME],
      [Setting.MAX_HEADER_LIST_SIZE, MAX_HEADERS],
      ...(this.#server ? [] : [[Setting.ENABLE_PUSH, 0] as const]),
    ]);
    this.#window.open();
  }

  #newStream(id: number): Http2Stream {
    return new Http2Stream(id, this.#owner, STREAM_WINDOW);
  }

  #accept(id: number): Http2Stream | undefined {
    this.#streams.accept(id);
    if (this.#goneAway || !this.#streams.hasRoom) {
      this.#budget.spend();
      this.#reset(id, Reason.REFUSED_STREAM);
      return undefined;
    }
    const stream = this.#newStream(id);
    this.#streams.add(stream);
    return stream;
  }

  #localEnded(stream: Http2Stream): void {
    if (stream.closed) return;
    if (stream.remoteEnded) this.#finish(stream);
    // A server that has answered needs nothing more (RFC 9113 §8.1).
    else if (this.#server) this.#abandon(stream, Reason.NO_ERROR);
  }

  #abandon(stream: Http2Stream, reason: number): void {
    this.#remove(stream);
    this.#reset(stream.id, reason);
    this.#listener.output();
  }

  #reset(id: number, reason: number): void {
    this.#streams.abandoned(id);
    this.#sender.control(Type.RST_STREAM, 0, id, reason);
  }

  /** Each violation costs us an answer, so they are limited like frames that carry no data. */
  #breach(stream: Http2Stream, reason: number, why: string): void {
    this.#budget.spend();
    this.#reset(stream.id, reason);
    this.#break(stream, reason, why);
  }

  #finish(stream: Http2Stream): void {
    this.#budget.streamEnded();
    this.#remove(stream);
  }

  #remove(stream: Http2Stream): void {
    this.#streams.remove(stream);
    stream.closed = true;
    this.#sender.drop(stream);
    if (this.#closed) return;
    this.#window.forget(stream);
    if (this.#streams.size === 0) this.#listener.idle();
  }

  /** Ends a stream whose sides have not both ended. */
  #break(stream: Http2Stream, reason: number, why?: string): void {
    if (stream.closed) return;
    this.#remove(stream);
    stream.listener?.reset(reason, why);
  }

  #peerGone(last: number, reason: number): void {
    if (!this.#server) {
      this.#goneAway = true;
      for (const stream of this.#streams.all()) {
        if (stream.id > last) this.#break(stream, Reason.REFUSED_STREAM);
      }
    }
    this.#listener.goaway(reason);
  }
}

/** A description of a stream's reset, for errors. */
export function describeReset(reason: number, why?: string): string {
  if (reason === Reason.CONNECT_ERROR) return "the connection was lost";
  const found = why === undefined ? "" : `: the peer violated HTTP/2: ${why}`;
  return `the stream was reset (${reasonName(reason)})${found}`;
}
