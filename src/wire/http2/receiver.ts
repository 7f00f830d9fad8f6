/** The receiving half of a connection: what frames mean, and which may come when. @module */
import { ConnectionError, Flag, MAX_WINDOW, Reason, Setting, Type } from "./codes.ts";
import type { FrameHandler, FrameHeader } from "./frame_reader.ts";
import { HeaderBlocks, type ReceivedHeaders, wellFormed } from "./header_blocks.ts";
import type { Header } from "./header_table.ts";
import type { ReceiveWindow } from "./receive_window.ts";
import type { Sender } from "./sender.ts";
import { readSettings, uint32 } from "./settings.ts";
import type { Http2Stream } from "./stream.ts";
import type { StreamTable } from "./stream_table.ts";

/** What the receiver works on. */
export interface ReceiverParts {
  readonly server: boolean;
  readonly streams: StreamTable;
  readonly window: ReceiveWindow;
  readonly sender: Sender;
  /** A client opens stream `id`; undefined where it was refused. */
  accept(id: number): Http2Stream | undefined;
  /** The stream was accepted with these headers. */
  opened(stream: Http2Stream, headers: readonly Header[], end: boolean): void;
  /** The peer has said its SETTINGS. */
  settled(): void;
  /** The peer will take no streams beyond `last`. */
  gone(last: number, reason: number): void;
  /** Both sides have ended the stream. */
  finished(stream: Http2Stream): void;
  /** The stream is over: the peer said so, or `breach` of it was told. */
  broken(stream: Http2Stream, reason: number): void;
}

/** @see module */
export class Receiver implements FrameHandler {
  readonly #parts: ReceiverParts;
  readonly #blocks = new HeaderBlocks();
  /** Bytes so far of the DATA frame under way, its padding left out. */
  #dataLength = 0;
  #greeted = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  begin(header: FrameHeader): void {
    const { type, stream } = header;
    if (!this.#greeted && (type !== Type.SETTINGS || header.flags & Flag.ACK)) {
      throw protocolError("the first frame is not SETTINGS");
    }
    this.#greeted = true;
    this.#blocks.check(header);
    if (stream === 0 ? OF_STREAMS.has(type) : OF_CONNECTION.has(type)) {
      throw protocolError(`a frame of type ${type} on stream ${stream}`);
    }
    if (type === Type.DATA) this.#beginData(header);
  }

  #beginData({ stream: id, length }: FrameHeader): void {
    const { streams, window } = this.#parts;
    const stream = streams.known(id);
    window.spend(length);
    this.#dataLength = 0;
    if (!stream) return window.settle();
    if (stream.remoteEnded) return this.#breach(stream, Reason.STREAM_CLOSED);
    if (!stream.opened) throw protocolError("data before headers");
    if (length > stream.receiveWindow) return this.#breach(stream, Reason.FLOW_CONTROL_ERROR);
    stream.receiveWindow -= length;
  }

  data({ stream: id }: FrameHeader, bytes: Uint8Array): void {
    const stream = this.#parts.streams.get(id);
    if (!stream || stream.remoteEnded) return;
    this.#dataLength += bytes.length;
    this.#parts.window.hold(stream, bytes.length);
    stream.listener?.data(bytes);
  }

  end(header: FrameHeader, payload: Uint8Array): void {
    switch (header.type) {
      case Type.DATA:
        return this.#endData(header);
      case Type.HEADERS:
      case Type.CONTINUATION: {
        const received = this.#blocks.add(header, payload);
        return received && this.#headers(received);
      }
      case Type.RST_STREAM:
        return this.#reset(header, uint32(payload, 0));
      case Type.SETTINGS:
        return this.#settings(header, payload);
      case Type.PUSH_PROMISE:
        throw protocolError("nobody asked for a push");
      case Type.PING:
        return this.#ping(header, payload);
      case Type.GOAWAY:
        return this.#gone(payload);
      case Type.WINDOW_UPDATE:
        return this.#windowUpdate(header, uint32(payload, 0) & MAX_WINDOW);
    }
  }

  #endData({ stream: id, flags, length }: FrameHeader): void {
    const stream = this.#parts.streams.get(id);
    if (!stream || stream.remoteEnded) return;
    // The padding, of which the listener knows nothing.
    stream.owed += length - this.#dataLength;
    if (flags & Flag.END_STREAM) this.#remoteEnded(stream);
    this.#parts.window.settle();
  }

  #remoteEnded(stream: Http2Stream): void {
    stream.remoteEnded = true;
    if (stream.localEnded) this.#parts.finished(stream);
    stream.listener?.end();
  }

  #headers({ stream: id, headers, end, tooLarge }: ReceivedHeaders): void {
    const { server, streams } = this.#parts;
    const isNew = server && streams.isNew(id);
    const stream = isNew ? this.#parts.accept(id) : streams.known(id);
    if (!stream) return;
    if (stream.remoteEnded) return this.#breach(stream, Reason.STREAM_CLOSED);
    if (tooLarge) return this.#breach(stream, Reason.ENHANCE_YOUR_CALM);
    if (server && !isNew && !end) return this.#breach(stream, Reason.PROTOCOL_ERROR);
    if (!wellFormed(headers)) return this.#breach(stream, Reason.PROTOCOL_ERROR);
    stream.opened = true;
    if (isNew) this.#parts.opened(stream, headers, end);
    else stream.listener?.headers(headers, end);
    if (end && !stream.closed) this.#remoteEnded(stream);
  }

  #reset({ stream: id }: FrameHeader, reason: number): void {
    const stream = this.#parts.streams.known(id);
    if (stream) this.#parts.broken(stream, reason);
  }

  /** The peer broke a rule on one stream. */
  #breach(stream: Http2Stream, reason: number): void {
    this.#parts.sender.control(Type.RST_STREAM, 0, stream.id, reason);
    this.#parts.broken(stream, reason);
  }

  #settings({ flags, length }: FrameHeader, payload: Uint8Array): void {
    const { sender, streams } = this.#parts;
    if (flags & Flag.ACK) {
      if (length === 0) return;
      throw new ConnectionError(Reason.FRAME_SIZE_ERROR, "an acknowledgement says nothing else");
    }
    for (const [key, value] of readSettings(payload)) {
      if (key === Setting.HEADER_TABLE_SIZE) sender.encoder.resize(value);
      if (key === Setting.MAX_CONCURRENT_STREAMS && !this.#parts.server) streams.limit = value;
      if (key === Setting.INITIAL_WINDOW_SIZE) this.#resizeWindows(value);
      if (key === Setting.MAX_FRAME_SIZE) sender.maxFrame = value;
    }
    sender.control(Type.SETTINGS, Flag.ACK, 0);
    this.#parts.settled();
  }

  #resizeWindows(value: number): void {
    const { sender, streams } = this.#parts;
    const change = value - sender.initialWindow;
    sender.initialWindow = value;
    for (const stream of streams.all()) {
      stream.sendWindow += change;
      if (stream.sendWindow > MAX_WINDOW) throw flowError("a window has grown too large");
      sender.ready(stream);
    }
  }

  #ping({ flags }: FrameHeader, payload: Uint8Array): void {
    if (flags & Flag.ACK) return;
    const numbers = [uint32(payload, 0), uint32(payload, 4)];
    this.#parts.sender.control(Type.PING, Flag.ACK, 0, ...numbers);
  }

  #windowUpdate({ stream: id }: FrameHeader, size: number): void {
    const { sender, streams } = this.#parts;
    if (id === 0) {
      if (size === 0) throw protocolError("a window grows by nothing");
      sender.window += size;
      if (sender.window > MAX_WINDOW) throw flowError("the window has grown too large");
      return;
    }
    const stream = streams.known(id);
    if (!stream) return;
    if (size === 0) return this.#breach(stream, Reason.PROTOCOL_ERROR);
    stream.sendWindow += size;
    if (stream.sendWindow > MAX_WINDOW) return this.#breach(stream, Reason.FLOW_CONTROL_ERROR);
    sender.ready(stream);
  }

  #gone(payload: Uint8Array): void {
    if (payload.length < 8) throw new ConnectionError(Reason.FRAME_SIZE_ERROR, "GOAWAY is cut off");
    this.#parts.gone(uint32(payload, 0) & MAX_WINDOW, uint32(payload, 4));
  }
}

const OF_STREAMS = new Set<number>([
  Type.DATA,
  Type.HEADERS,
  Type.PRIORITY,
  Type.RST_STREAM,
  Type.CONTINUATION,
]);
const OF_CONNECTION = new Set<number>([Type.SETTINGS, Type.PING, Type.GOAWAY]);

function protocolError(what: string): ConnectionError {
  return new ConnectionError(Reason.PROTOCOL_ERROR, what);
}

function flowError(what: string): ConnectionError {
  return new ConnectionError(Reason.FLOW_CONTROL_ERROR, what);
}
