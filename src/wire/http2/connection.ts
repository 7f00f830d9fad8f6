/**
 * An HTTP/2 connection (RFC 9113) as pure state: bytes go in, bytes come out, and
 * whoever owns it is told what happened in between. No socket, no clock.
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

/** Whole messages of official clients (64 KiB and a few bytes) in one frame. */
const MAX_FRAME = 1024 * 1024;
/** A peer that asks for more answers than this without reading any is a flood. */
const MAX_BACKLOG = 1024 * 1024;

/** Hears of a connection. */
export interface ConnectionListener {
  /** The peer has opened a stream (servers only). Whoever is given it sets its listener. */
  stream(stream: Http2Stream, headers: readonly Header[], end: boolean): void;
  /** The peer has said SETTINGS: it speaks HTTP/2. */
  greeted(): void;
  /** There is something to write: {@linkcode Http2Connection.takeOutput} has it. */
  output(): void;
  /** The last open stream is over. */
  idle(): void;
  /** The peer takes no new streams. */
  goaway(reason: number): void;
  /** The connection is over; every stream has been told. Its last output says why. */
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
      gone: (last, reason) => this.#peerGone(last, reason),
      finished: (stream) => this.#finish(stream),
      broken: (stream, reason) => this.#break(stream, reason),
      breach: (stream, reason, why) => this.#breach(stream, reason, why),
    });
    this.#reader = new FrameReader(receiver, { maxFrame: MAX_FRAME, preface: this.#server });
    this.#greet();
  }

  /** Whether nothing more can come of it. */
  get closed(): boolean {
    return this.#closed;
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Whether a client may open another stream. */
  get canOpen(): boolean {
    return !this.#closed && !this.#goneAway && this.#streams.hasRoom;
  }

  /** How much work the peer has made, in frames; see {@linkcode TURN}. */
  get work(): number {
    return this.#reader.work;
  }

  /**
   * Takes what the peer has sent, up to the bound of a turn. Never throws: what is wrong
   * with it ends the connection.
   *
   * @returns how many bytes it took; the rest is to be given again, in a turn of its own.
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

  /** What is to be written now; give it back when it was. Empty where there is nothing. */
  takeOutput(): Uint8Array<ArrayBuffer> {
    this.#sender.fill();
    return this.#sender.output.take();
  }

  /** @see takeOutput */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    this.#sender.output.giveBack(bytes);
  }

  /** Opens a stream as a client. Whoever asked sets its listener. */
  open(headers: Iterable<Header>): Http2Stream {
    const stream = this.#newStream(this.#streams.claim());
    this.#streams.add(stream);
    this.#sender.headers(stream, headers, false);
    this.#listener.output();
    return stream;
  }

  /** Asks for a sign of life; whatever comes next is one. */
  ping(): void {
    if (this.#closed) return;
    this.#sender.control(Type.PING, 0, 0, 0, 0);
    this.#listener.output();
  }

  /**
   * Opens and takes no new streams; those that are open go on. A server says so; a client
   * need not, and some servers would end what is open.
   */
  goaway(): void {
    if (this.#closed || this.#goneAway) return;
    this.#goneAway = true;
    if (!this.#server) return;
    this.#sender.control(Type.GOAWAY, 0, 0, this.#streams.last, Reason.NO_ERROR);
    this.#listener.output();
  }

  /** Ends the connection: every stream is told, and the peer in the last output. */
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

  /** Seconds have passed: the peer may send frames that carry nothing again. */
  refill(): void {
    this.#budget.refill();
  }

  /** The bytes have come to their end: every stream is told. */
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

  /** Each costs us an answer, so no more of them are taken than of frames that carry nothing. */
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

  /** Ends a stream that did not end by itself. */
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

/** What a stream's end by `reason` means, for errors. */
export function describeReset(reason: number, why?: string): string {
  if (reason === Reason.CONNECT_ERROR) return "the connection was lost";
  const found = why === undefined ? "" : `: the peer broke a rule of HTTP/2: ${why}`;
  return `the stream was reset (${reasonName(reason)})${found}`;
}
