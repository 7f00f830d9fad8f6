/** The receiving half of a connection: what frames mean, and when they are allowed. @module */
import {
  ConnectionError,
  Flag,
  MAX_WINDOW,
  protocolError,
  Reason,
  Setting,
  Type,
} from "./codes.ts";
import type { FrameHandler, FrameHeader } from "./frame_reader.ts";
import type { FrameBudget } from "./frame_budget.ts";
import { HeaderBlocks, type ReceivedHeaders } from "./header_blocks.ts";
import {
  contentLength,
  faultOfResponse,
  faultOfTrailers,
  isInformational,
  RequestRules,
} from "./header_rules.ts";
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
  readonly budget: FrameBudget;
  /** A client opens stream `id`; returns undefined when it is refused. */
  accept(id: number): Http2Stream | undefined;
  /** The stream was accepted with these headers. */
  opened(stream: Http2Stream, headers: readonly Header[], end: boolean): void;
  /** The peer's SETTINGS have arrived. */
  settled(): void;
  /** The peer has answered a PING. */
  answered(): void;
  /** The peer accepts no streams beyond `last`. */
  gone(last: number, reason: number): void;
  /** Both sides have ended the stream. */
  finished(stream: Http2Stream): void;
  /** The peer has reset the stream. */
  broken(stream: Http2Stream, reason: number): void;
  /** The peer has violated the protocol on one stream: `why`. */
  breach(stream: Http2Stream, reason: number, why: string): void;
}

/** @see module */
export class Receiver implements FrameHandler {
  readonly #parts: ReceiverParts;
  readonly #blocks = new HeaderBlocks();
  readonly #requests = new RequestRules();
  /** Bytes so far of the current DATA frame, without its padding. */
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
    else if (type !== Type.HEADERS) this.#parts.budget.spend();
  }

  #beginData({ stream: id, length }: FrameHeader): void {
    const { streams, window } = this.#parts;
    const stream = streams.open(id);
    window.spend(length);
    this.#dataLength = 0;
    if (!stream) return window.settle();
    if (stream.remoteEnded) return this.#afterEnd(stream);
    if (!stream.opened) throw protocolError("data before headers");
    if (length > stream.receiveWindow) {
      const why = "more data than the stream's window allows";
      return this.#parts.breach(stream, Reason.FLOW_CONTROL_ERROR, why);
    }
    stream.receiveWindow -= length;
  }

  data({ stream: id }: FrameHeader, bytes: Uint8Array): void {
    const stream = this.#parts.streams.get(id);
    if (!stream || stream.remoteEnded) return;
    this.#dataLength += bytes.length;
    stream.received += bytes.length;
    if (stream.received > (stream.contentLength ?? Infinity)) return this.#wrongLength(stream);
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
        throw protocolError("server push is disabled");
      case Type.PING:
        return this.#ping(header, payload);
      case Type.GOAWAY:
        return this.#gone(payload);
      case Type.WINDOW_UPDATE:
        return this.#windowUpdate(header, uint32(payload, 0) & MAX_WINDOW);
    }
  }

  #endData({ stream: id, flags, length }: FrameHeader): void {
    if (this.#dataLength === 0 && !(flags & Flag.END_STREAM)) this.#parts.budget.spend();
    const stream = this.#parts.streams.get(id);
    if (!stream || stream.remoteEnded) return;
    // The padding, which the listener does not see and so cannot credit.
    stream.owed += length - this.#dataLength;
    if (flags & Flag.END_STREAM) this.#remoteEnded(stream);
    this.#parts.window.settle();
  }

  #remoteEnded(stream: Http2Stream): void {
    if (stream.received !== (stream.contentLength ?? stream.received)) {
      return this.#wrongLength(stream);
    }
    stream.remoteEnded = true;
    if (stream.localEnded) this.#parts.finished(stream);
    stream.listener?.end();
  }

  #headers(received: ReceivedHeaders): void {
    const { server, streams } = this.#parts;
    const { stream: id, headers, end, tooLarge } = received;
    const isNew = server && streams.isNew(id);
    const stream = isNew ? this.#parts.accept(id) : streams.open(id);
    if (!stream) return;
    if (stream.remoteEnded) return this.#afterEnd(stream);
    if (tooLarge) {
      return this.#parts.breach(stream, Reason.ENHANCE_YOUR_CALM, "the headers are too large");
    }
    const fault = this.#fault(stream, received);
    if (fault !== undefined) return this.#parts.breach(stream, Reason.PROTOCOL_ERROR, fault);
    if (!server && !stream.opened && isInformational(headers)) return;
    if (!stream.opened) stream.contentLength = lengthOf(headers);
    stream.opened = true;
    if (isNew) this.#parts.opened(stream, headers, end);
    else stream.listener?.headers(headers, end);
    if (end && !stream.closed) this.#remoteEnded(stream);
  }

  #fault({ opened }: Http2Stream, { headers, size, end }: ReceivedHeaders): string | undefined {
    if (opened) return end ? faultOfTrailers(headers) : "trailers that do not end the stream";
    if (this.#parts.server) return this.#requests.fault(headers, size);
    const fault = faultOfResponse(headers);
    if (fault === undefined && end && isInformational(headers)) return "no answer but 1xx";
    return fault;
  }

  #wrongLength(stream: Http2Stream): void {
    const { contentLength, received } = stream;
    const why = `content-length is ${contentLength}, and ${received} bytes came`;
    this.#parts.breach(stream, Reason.PROTOCOL_ERROR, why);
  }

  #afterEnd(stream: Http2Stream): void {
    this.#parts.breach(stream, Reason.STREAM_CLOSED, "a frame after the end of the stream");
  }

  #reset({ stream: id }: FrameHeader, reason: number): void {
    const stream = this.#parts.streams.known(id);
    if (stream) this.#parts.broken(stream, reason);
  }

  #settings({ flags, length }: FrameHeader, payload: Uint8Array): void {
    const { sender } = this.#parts;
    if (flags & Flag.ACK) {
      if (length === 0) return;
      throw new ConnectionError(Reason.FRAME_SIZE_ERROR, "an acknowledgement says nothing else");
    }
    const settings = readSettings(payload);
    this.#parts.budget.spend(settings.length);
    for (const entry of settings) this.#apply(...entry);
    sender.control(Type.SETTINGS, Flag.ACK, 0);
    this.#parts.settled();
  }

  #apply(key: number, value: number): void {
    const { server, sender, streams } = this.#parts;
    switch (key) {
      case Setting.HEADER_TABLE_SIZE:
        return sender.encoder.resize(value);
      case Setting.ENABLE_PUSH:
        if (!server && value !== 0) throw protocolError("a server cannot be pushed to");
        return;
      case Setting.MAX_CONCURRENT_STREAMS:
        if (!server) streams.limit = value;
        return;
      case Setting.INITIAL_WINDOW_SIZE:
        if (sender.windows.resize(value, streams.values())) sender.unblock();
        return;
      case Setting.MAX_FRAME_SIZE:
        sender.maxFrame = value;
    }
  }

  #ping({ flags }: FrameHeader, payload: Uint8Array): void {
    if (flags & Flag.ACK) return this.#parts.answered();
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
    if (size === 0) {
      const why = "a window grows by nothing";
      return this.#parts.breach(stream, Reason.PROTOCOL_ERROR, why);
    }
    if (!sender.windows.grow(stream, size)) {
      const why = "a window has grown too large";
      return this.#parts.breach(stream, Reason.FLOW_CONTROL_ERROR, why);
    }
    sender.ready(stream);
  }

  #gone(payload: Uint8Array): void {
    if (payload.length < 8) throw new ConnectionError(Reason.FRAME_SIZE_ERROR, "GOAWAY is cut off");
    this.#parts.gone(uint32(payload, 0) & MAX_WINDOW, uint32(payload, 4));
  }
}

/** The `content-length` to check; a 304 response tells the length of a body that is not sent. */
function lengthOf(headers: readonly Header[]): number | undefined {
  const length = contentLength(headers);
  if (length === undefined) return undefined;
  const empty = headers.some(([name, value]) => name === ":status" && value === "304");
  return empty ? undefined : length;
}

const OF_STREAMS = new Set<number>([
  Type.DATA,
  Type.HEADERS,
  Type.PRIORITY,
  Type.RST_STREAM,
  Type.CONTINUATION,
]);
const OF_CONNECTION = new Set<number>([Type.SETTINGS, Type.PING, Type.GOAWAY]);

function flowError(what: string): ConnectionError {
  return new ConnectionError(Reason.FLOW_CONTROL_ERROR, what);
}
