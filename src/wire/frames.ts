/**
 * The stream of one driver or resource in the frames of RouterService.Stream, where we
 * serve. GOAWAY ends one direction; PING, RST_STREAM and unknown frames are ignored, as
 * official exporters and clients do.
 *
 * @module
 */
import { Duplex } from "node:stream";
import { ConnectionFailed } from "./error.ts";
import { dataPrefix, FrameType, GOAWAY, MAX_PAYLOAD, readFrame } from "./frame.ts";
import type { ServerCall } from "./grpc/server_call.ts";

/** Sends `bytes` in frames; whether there is room for more. */
function sendData(call: ServerCall, bytes: Uint8Array): boolean {
  let room = true;
  for (let start = 0; start === 0 || start < bytes.length; start += MAX_PAYLOAD) {
    const payload = bytes.subarray(start, start + MAX_PAYLOAD);
    room = call.sendPieces(dataPrefix(payload.length), payload);
  }
  return room;
}

/**
 * Joins a call with a device until both directions have ended. The end of one is passed
 * on and leaves the other open. What breaks the device, its client is told by the
 * call's status; a client that leaves, and `call.signal`, destroy the device.
 */
export function joinDevice(call: ServerCall, device: Duplex): Promise<void> {
  return new DeviceJoin(call, device).over.promise;
}

/** What a chunk that waits takes beside its bytes. */
const CHUNK_COST = 256;
/** Chunks, however small, that may wait on their way to a device: ending it costs for each. */
const MAX_WRITES = 16;

class DeviceJoin {
  readonly over = Promise.withResolvers<void>();
  readonly #call: ServerCall;
  readonly #device: Duplex;
  #clientEnded = false;
  #deviceEnded = false;
  /** Writes that the device has not yet taken, and their bytes. */
  #writes = 0;
  #written = 0;
  #largest = CHUNK_COST;
  #full = false;

  constructor(call: ServerCall, device: Duplex) {
    this.#call = call;
    this.#device = device;
    device.on("data", (bytes: Uint8Array) => {
      if (!sendData(call, bytes)) device.pause();
      this.#count();
    });
    device.on("end", () => {
      this.#deviceEnded = true;
      call.send(GOAWAY);
      this.#endIfDone();
    });
    device.on("drain", () => call.resume());
    device.on("finish", () => this.#endIfDone());
    device.on("error", (error) => this.#end(() => call.fail(error)));
    device.on("close", () => this.#closed());
    call.signal.addEventListener("abort", () => this.#end(() => this.#sayGoodbye()));
    call.listen({
      message: (message) => this.#receive(message),
      end: () => this.#endOfClient(),
      drained: () => void device.resume(),
      closed: () => this.#end(() => {}),
    });
    // Before we listened, perhaps.
    if (device.errored) this.#end(() => call.fail(device.errored));
    else if (device.destroyed) this.#closed();
  }

  #receive(message: Uint8Array): void {
    const { type, payload } = readFrame(message);
    if (type === FrameType.GOAWAY) return this.#endOfClient();
    if (type !== FrameType.DATA || payload.length === 0 || this.#clientEnded) return;
    const { length } = payload;
    this.#largest = Math.max(this.#largest, length);
    this.#writes += 1;
    this.#written += length;
    this.#full = this.#writes >= MAX_WRITES;
    if (!this.#device.write(payload, () => this.#taken(length)) || this.#full) this.#call.pause();
    this.#count();
  }

  #taken(length: number): void {
    this.#writes -= 1;
    this.#written -= length;
    this.#count();
    if (!this.#full || this.#writes > MAX_WRITES / 2) return;
    this.#full = false;
    if (!this.#device.writableNeedDrain) this.#call.resume();
  }

  /** What waits on both ways through the device is kept for the call. */
  #count(): void {
    const { readableLength, readableObjectMode } = this.#device;
    // Those that keep chunks apart give back what they were given.
    const unread = readableObjectMode ? readableLength * this.#largest : readableLength;
    this.#call.keep(this.#written + CHUNK_COST * this.#writes + unread);
  }

  #endOfClient(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    this.#device.end();
    // The rest of the call (repeated GOAWAY, the half-close) is still read.
    this.#call.resume();
  }

  #endIfDone(): void {
    if (this.#deviceEnded && this.#device.writableFinished) this.#end(() => this.#call.close());
  }

  #sayGoodbye(): void {
    if (!this.#deviceEnded) this.#call.send(GOAWAY);
    this.#call.close();
  }

  #closed(): void {
    const error = new ConnectionFailed("the device closed its stream");
    this.#end(() => this.#deviceEnded ? this.#sayGoodbye() : this.#call.fail(error));
  }

  #ended = false;

  #end(say: () => void): void {
    if (this.#ended) return;
    this.#ended = true;
    say();
    this.#device.destroy();
    this.over.resolve();
  }
}

type Callback = (error?: Error | null) => void;

/** A reader that is slower than its client gets up to this much at a time: each write to a disk has a price. */
const READ_AHEAD = 1024 * 1024;

/** The bytes of a call as a stream of node's: ends, half-ends, errors and backpressure pass both ways. */
class CallStream extends Duplex {
  readonly #call: ServerCall;
  #waiting: Callback | undefined;
  #inputEnded = false;
  #goawaySent = false;
  /** Chunks that wait to be read, at most. */
  #chunks = 0;
  /** Whether the reader waits for more, which is kept back until it has read what there is. */
  #stopped = false;

  constructor(call: ServerCall) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: READ_AHEAD,
      writableHighWaterMark: MAX_PAYLOAD,
    });
    this.#call = call;
    // Official clients half-close after their GOAWAY; both ends done, the call is OK.
    this.on("end", () => this.#endIfDone());
    this.on("finish", () => this.#endIfDone());
    call.listen({
      message: (message) => this.#receive(message),
      end: () => this.#endOfInput(),
      drained: () => this.#continue(),
      closed: () => void this.destroy(),
    });
  }

  override _read(): void {
    this.#stopped = this.#full;
    if (!this.#stopped) this.#call.resume();
  }

  // deno-lint-ignore no-explicit-any -- as node has it
  override read(size?: number): any {
    const chunk = super.read(size);
    if (this.readableLength === 0) this.#chunks = 0;
    this.#count();
    if (this.#stopped && !this.#full) {
      this.#stopped = false;
      this.#call.resume();
    }
    return chunk;
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Callback): void {
    if (sendData(this.#call, chunk)) done();
    else this.#waiting = done;
  }

  override _final(done: Callback): void {
    this.#sendGoaway();
    done();
  }

  override _destroy(error: Error | null, done: Callback): void {
    if (error) this.#call.fail(error);
    else {
      this.#sendGoaway();
      this.#call.close();
    }
    this.#continue();
    done(error);
  }

  #endIfDone(): void {
    if (this.readableEnded && this.writableFinished) this.#call.close();
  }

  #sendGoaway(): void {
    if (this.#goawaySent || !this.#call.waiting) return;
    this.#goawaySent = true;
    this.#call.send(GOAWAY);
  }

  #receive(message: Uint8Array): void {
    const { type, payload } = readFrame(message);
    if (type === FrameType.GOAWAY) return this.#endOfInput();
    if (type !== FrameType.DATA || payload.length === 0 || this.#inputEnded) return;
    if (this.readableLength === 0) this.#chunks = 0;
    this.#chunks += 1;
    if (!this.push(payload) || this.#full) this.#call.pause();
    this.#count();
  }

  /** Whether what waits to be read takes too much, which its bytes alone do not tell. */
  get #full(): boolean {
    const most = this.#call.tight ? MAX_PAYLOAD : READ_AHEAD;
    return this.readableLength + CHUNK_COST * this.#chunks > most && this.readableLength > 0;
  }

  #count(): void {
    const { readableLength, writableLength } = this;
    this.#call.keep(readableLength + CHUNK_COST * this.#chunks + writableLength);
  }

  #endOfInput(): void {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    this.push(null);
    // The rest of the call (repeated GOAWAY, the half-close) must still be read.
    this.#call.resume();
  }

  #continue(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

/** The byte stream of a call that we serve. Destroying it with an error sends its status. */
export function serverBytes(call: ServerCall): Duplex {
  return new CallStream(call);
}
