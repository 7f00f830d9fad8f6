/**
 * The sending half of a connection: control frames at once, data as far as the windows
 * and the buffer allow, the streams in turn.
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

/** Data enters the output up to here; the rest waits with its stream. */
const FULL = 256 * 1024;
/** Larger frames would keep the other streams waiting. */
const MAX_FRAME = 128 * 1024;

/** @see module */
export class Sender {
  readonly output = new Output();
  readonly encoder = new HeaderEncoder();
  /** The peer's SETTINGS. */
  maxFrame = DEFAULT_FRAME;
  /** What the peer takes on all streams together. */
  window = DEFAULT_WINDOW;
  /** What it takes on each. */
  readonly windows = new SendWindows();
  /** Streams with data, longest waiting first; the windows of most let some out. */
  readonly #ready = new Set<Http2Stream>();
  /** Streams with data whose windows let nothing out. */
  readonly #blocked = new Set<Http2Stream>();
  /** Streams that have only their end to say, for which no window is needed. */
  readonly #ending = new Set<Http2Stream>();
  /** Whether some that were blocked may be so no longer. */
  #hopeful = false;
  readonly #budget: FrameBudget;
  readonly #ended: (stream: Http2Stream) => void;

  /** @param ended told of a stream whose last frame has entered the output */
  constructor(budget: FrameBudget, ended: (stream: Http2Stream) => void) {
    this.#budget = budget;
    this.#ended = ended;
  }

  /** Whether there may be something that {@linkcode fill} can move. */
  get hasReady(): boolean {
    if (this.#ending.size > 0 || this.#hopeful) return true;
    return this.window > 0 && this.#ready.size > 0;
  }

  /** Appends a HEADERS frame, or as many as it takes. */
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

  /** `stream` has something to send, or may send more of it. */
  ready(stream: Http2Stream): void {
    if (stream.localEnded) return;
    if (stream.pendingBytes === 0) return void (stream.ending && this.#ending.add(stream));
    if (this.windows.of(stream) <= 0) return void this.#blocked.add(stream);
    this.#blocked.delete(stream);
    this.#ready.add(stream);
  }

  /** The windows of all streams have grown; which of them it helps shows when data is moved. */
  unblock(): void {
    this.#hopeful = true;
  }

  /** Forgets what `stream` had to send. */
  drop(stream: Http2Stream): void {
    this.#ready.delete(stream);
    this.#blocked.delete(stream);
    this.#ending.delete(stream);
    stream.pending = [];
    stream.pendingBytes = 0;
  }

  /** Moves data of the streams into the output, as much as may be. */
  fill(): void {
    if (this.#hopeful) this.#retryBlocked();
    if (this.#ending.size > 0) this.#fillEnds();
    // A set visits what is added while it is walked, so streams take turns at its end.
    for (const stream of this.#ready) {
      if (this.output.length >= FULL || this.window <= 0) return;
      this.#ready.delete(stream);
      if (this.windows.of(stream) > 0) this.#data(stream);
      if (stream.pendingBytes === 0 && stream.ending) this.#end(stream);
      else this.ready(stream);
    }
  }

  #fillEnds(): void {
    for (const stream of this.#ending) {
      if (this.output.length >= FULL) return;
      this.#ending.delete(stream);
      this.#end(stream);
    }
  }

  /** At most once for each turn of writing, however often the peer changes its mind. */
  #retryBlocked(): void {
    this.#hopeful = false;
    for (const stream of this.#blocked) this.ready(stream);
  }

  #data(stream: Http2Stream): void {
    const { pending } = stream;
    const size = Math.min(
      stream.pendingBytes,
      this.maxFrame,
      MAX_FRAME,
      this.windows.of(stream),
      this.window,
    );
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
    this.windows.spend(stream, size);
    this.window -= size;
    this.#budget.dataSent();
    if (last) this.#finish(stream);
    else if (stream.pendingBytes === 0) stream.listener?.drained();
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
