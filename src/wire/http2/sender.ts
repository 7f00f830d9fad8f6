/**
 * The sending half of a connection. Control frames are sent at once; data as the windows and the
 * buffer allow, with the streams taking turns.
 *
 * @module
 */
import { DEFAULT_FRAME, DEFAULT_WINDOW, Flag, Type } from "./codes.ts";
import type { FrameBudget } from "./frame_budget.ts";
import { HeaderEncoder } from "./header_encoder.ts";
import type { Header } from "./header_table.ts";
import { Output } from "./output.ts";
import { SendWindows } from "./send_windows.ts";
import type { Http2Stream } from "./stream.ts";

/** Output in bytes from which on data waits with its stream. */
const FULL = 256 * 1024;
/** The largest DATA frame that we send; larger ones would delay the other streams. */
const MAX_FRAME = 128 * 1024;

/** @see module */
export class Sender {
  readonly output = new Output();
  readonly encoder = new HeaderEncoder();
  /** MAX_FRAME_SIZE of the peer's SETTINGS. */
  maxFrame = DEFAULT_FRAME;
  /** Bytes that the peer accepts on all streams together. */
  window = DEFAULT_WINDOW;
  /** Bytes that it accepts on each stream. */
  readonly windows = new SendWindows();
  /** Streams with data whose windows were open when they were added, longest waiting first. */
  readonly #ready = new Set<Http2Stream>();
  /** Streams with data whose windows are closed. */
  readonly #blocked = new Set<Http2Stream>();
  /** Streams that have only their end to send, for which no window is needed. */
  readonly #ending = new Set<Http2Stream>();
  /** Whether the windows of blocked streams may have opened. */
  #mayUnblock = false;
  readonly #budget: FrameBudget;
  readonly #ended: (stream: Http2Stream) => void;

  /** @param ended called with a stream whose last frame has entered the output */
  constructor(budget: FrameBudget, ended: (stream: Http2Stream) => void) {
    this.#budget = budget;
    this.#ended = ended;
  }

  /** Whether {@linkcode fill} may have something to move. */
  get hasReady(): boolean {
    if (this.#ending.size > 0 || this.#mayUnblock) return true;
    return this.window > 0 && this.#ready.size > 0;
  }

  /** Appends a HEADERS frame, and CONTINUATION frames as needed. */
  headers(stream: Http2Stream, headers: Iterable<Header>, end: boolean): void {
    const { output } = this;
    const start = output.length;
    output.frame(Type.HEADERS, Flag.END_HEADERS | (end ? Flag.END_STREAM : 0), stream.id, 0);
    this.encoder.encode(headers, output);
    if (output.length - start - 9 > this.maxFrame) {
      output.splitHeaders(start, this.maxFrame, Flag.END_HEADERS);
    } else output.closeFrame(start);
    if (end) this.#finish(stream);
  }

  /** Appends a control frame of 32-bit numbers. */
  control(type: number, flags: number, stream: number, ...numbers: number[]): void {
    this.output.frame(type, flags, stream, 4 * numbers.length);
    for (const number of numbers) this.output.uint32(number);
  }

  /** Queues `stream`, which has something to send or whose window has grown. */
  ready(stream: Http2Stream): void {
    if (stream.localEnded) return;
    if (stream.pendingBytes === 0 && !stream.wantsRoom) {
      return void (stream.ending && this.#ending.add(stream));
    }
    if (this.windows.of(stream) <= 0) return void this.#blocked.add(stream);
    this.#blocked.delete(stream);
    this.#ready.add(stream);
  }

  /** The windows of all streams have grown; {@linkcode fill} looks which of them have opened. */
  unblock(): void {
    this.#mayUnblock = true;
  }

  /** Drops what `stream` had to send. */
  drop(stream: Http2Stream): void {
    this.#ready.delete(stream);
    this.#blocked.delete(stream);
    this.#ending.delete(stream);
    stream.pending = [];
    stream.pendingBytes = 0;
    stream.wantsRoom = false;
  }

  /**
   * Moves bytes of a stream into the output, after what it has to send already, as many as the
   * windows and the buffer allow.
   *
   * @returns how many; the listener's `drained` tells when there is room for more
   */
  take(stream: Http2Stream, bytes: Uint8Array): number {
    this.fill();
    let taken = 0;
    while (taken < bytes.length && this.#hasRoom(stream)) {
      const part = bytes.subarray(taken, taken + this.#frameSize(stream));
      this.output.frame(Type.DATA, 0, stream.id, part.length);
      this.output.append(part);
      this.#sent(stream, part.length);
      taken += part.length;
    }
    if (taken < bytes.length) {
      stream.wantsRoom = true;
      this.ready(stream);
    }
    return taken;
  }

  #hasRoom(stream: Http2Stream): boolean {
    return stream.pendingBytes === 0 && this.output.length < FULL && this.#frameSize(stream) > 0;
  }

  /** The largest DATA frame that `stream` may send now; not above 0 when a window is closed. */
  #frameSize(stream: Http2Stream): number {
    return Math.min(this.maxFrame, MAX_FRAME, this.windows.of(stream), this.window);
  }

  #sent(stream: Http2Stream, bytes: number): void {
    this.windows.spend(stream, bytes);
    this.window -= bytes;
    this.#budget.dataSent();
  }

  /** Moves data of the streams into the output, as much as the windows allow. */
  fill(): void {
    if (this.#mayUnblock) this.#retryBlocked();
    if (this.#ending.size > 0) this.#fillEnds();
    // Iterating a set visits entries that are added meanwhile, so streams take turns.
    for (const stream of this.#ready) {
      if (this.output.length >= FULL || this.window <= 0) return;
      this.#ready.delete(stream);
      if (this.windows.of(stream) > 0) this.#serve(stream);
      if (stream.pendingBytes === 0 && stream.ending) this.#end(stream);
      else this.ready(stream);
    }
  }

  #serve(stream: Http2Stream): void {
    if (stream.pendingBytes > 0) return this.#data(stream);
    if (!stream.wantsRoom) return;
    stream.wantsRoom = false;
    stream.listener?.drained();
  }

  #fillEnds(): void {
    for (const stream of this.#ending) {
      if (this.output.length >= FULL) return;
      this.#ending.delete(stream);
      this.#end(stream);
    }
  }

  /** Runs at most once per write, however often the peer changes its initial window. */
  #retryBlocked(): void {
    this.#mayUnblock = false;
    for (const stream of this.#blocked) this.ready(stream);
  }

  #data(stream: Http2Stream): void {
    const { pending } = stream;
    const size = Math.min(stream.pendingBytes, this.#frameSize(stream));
    const last = size === stream.pendingBytes && stream.ending && !stream.trailers;
    this.output.frame(Type.DATA, last ? Flag.END_STREAM : 0, stream.id, size);
    let left = size;
    let used = 0;
    for (; left > 0; used++) {
      const piece = pending[used]!;
      if (piece.length > left) {
        this.output.append(piece.subarray(0, left));
        pending[used] = piece.subarray(left);
        break;
      }
      this.output.append(piece);
      left -= piece.length;
    }
    pending.splice(0, used);
    stream.pendingBytes -= size;
    this.#sent(stream, size);
    if (stream.pendingBytes === 0) stream.listener?.drained();
    if (last) this.#finish(stream);
  }

  #end(stream: Http2Stream): void {
    if (stream.localEnded) return;
    if (stream.trailers) return this.headers(stream, stream.trailers, true);
    this.output.frame(Type.DATA, Flag.END_STREAM, stream.id, 0);
    this.#finish(stream);
  }

  #finish(stream: Http2Stream): void {
    stream.localEnded = true;
    this.#ended(stream);
  }
}
