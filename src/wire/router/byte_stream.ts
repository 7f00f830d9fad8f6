/**
 * The bytes of a RouterService.Stream call as a Node stream: ends, half-ends, errors and
 * backpressure pass both ways.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { Call } from "../grpc/call.ts";
import { FrameType, GOAWAY, MAX_PAYLOAD, readFrame, sendData } from "./frame.ts";

type Callback = (error?: Error | null) => void;

/** Bytes kept for a slow reader: one that writes to a disk is faster with large chunks. */
const READ_AHEAD = 1024 * 1024;
/** Memory of a waiting chunk besides its bytes. */
const CHUNK_COST = 256;

/** What both sides of a call have in common; how a call ends differs. */
export abstract class ByteStream<Side extends Call> extends Duplex {
  protected readonly call: Side;
  #waiting: Callback | undefined;
  #inputEnded = false;
  #goawaySent = false;
  /** Chunks that wait to be read, at most. */
  #chunks = 0;
  /** Whether the reader asked for more before it has read what is there. */
  #stopped = false;

  constructor(call: Side) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: READ_AHEAD,
      writableHighWaterMark: MAX_PAYLOAD,
    });
    this.call = call;
    this.on("end", () => this.#completeIfDone());
    this.on("finish", () => this.#completeIfDone());
    call.listen({
      message: (message) => this.#receive(message),
      end: () => this.peerEnded(),
      drained: () => this.continueWriting(),
      closed: () => this.callClosed(),
    });
  }

  /** The peer has half-closed its side of the call. */
  protected abstract peerEnded(): void;

  /** The call is over. */
  protected abstract callClosed(): void;

  /** Both directions have ended. */
  protected abstract complete(): void;

  /** Whether the peer has said that no more bytes follow. */
  protected get inputEnded(): boolean {
    return this.#inputEnded;
  }

  override _read(): void {
    this.#stopped = this.#full;
    if (!this.#stopped) this.call.resume();
  }

  // deno-lint-ignore no-explicit-any -- as node declares it
  override read(size?: number): any {
    const chunk = super.read(size);
    if (this.readableLength === 0) this.#chunks = 0;
    this.#count();
    if (this.#stopped && !this.#full) {
      this.#stopped = false;
      this.call.resume();
    }
    return chunk;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Callback): void {
    if (sendData(this.call, chunk)) done();
    else this.#waiting = done;
  }

  override _final(done: Callback): void {
    this.sendGoaway();
    done();
  }

  /** Tells the peer that no more bytes follow. */
  protected sendGoaway(): void {
    if (this.#goawaySent) return;
    this.#goawaySent = true;
    this.call.send(GOAWAY);
  }

  /** Ends the readable side. */
  protected endInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    this.push(null);
    // The rest of the call (another GOAWAY, the half-close) must still be read.
    this.call.resume();
  }

  /** Calls `done` once all that was written has moved to the connection. */
  protected whenSent(done: Callback): void {
    if (this.call.unsent === 0) done();
    else this.#waiting = done;
  }

  /** Lets a writer that waits for room go on. */
  protected continueWriting(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  #completeIfDone(): void {
    if (this.readableEnded && this.writableFinished) this.complete();
  }

  #receive(message: Uint8Array): void {
    const { type, payload } = readFrame(message);
    if (type === FrameType.GOAWAY) return this.endInput();
    if (type !== FrameType.DATA || payload.length === 0 || this.#inputEnded) return;
    if (this.readableLength === 0) this.#chunks = 0;
    this.#chunks += 1;
    if (!this.push(payload) || this.#full) this.call.pause();
    this.#count();
  }

  /** Whether the waiting chunks take too much memory, which their bytes alone do not tell. */
  get #full(): boolean {
    const most = this.call.tight ? MAX_PAYLOAD : READ_AHEAD;
    return this.readableLength + CHUNK_COST * this.#chunks > most && this.readableLength > 0;
  }

  #count(): void {
    const { readableLength, writableLength } = this;
    this.call.keep(readableLength + CHUNK_COST * this.#chunks + writableLength);
  }
}
