/**
 * Joins a call of RouterService.Stream that we serve with the byte stream of a device. GOAWAY ends
 * one direction; PING, RST_STREAM and unknown frames are ignored, as by official peers.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import { Code, codeOf, ConnectionFailed } from "../error.ts";
import type { ServerCall } from "../grpc/server_call.ts";
import { FrameType, GOAWAY, readFrame, sendData } from "./frame.ts";

/**
 * Joins `call` with `device` until both directions have ended. The end of one direction passes to
 * the other side and leaves the other direction open. When the device fails, the client gets the
 * error as the status of the call; when the client leaves or `call.signal` aborts, the device is
 * destroyed.
 */
export function joinDevice(call: ServerCall, device: Duplex): Promise<void> {
  return new DeviceJoin(call, device).over.promise;
}

/** Memory of a waiting chunk besides its bytes. */
const CHUNK_COST = 256;
/** Chunks of any size that may wait to be written to a device: destroying it costs time for each. */
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
    device.on("error", (error) => this.#end(() => this.#fail(error)));
    device.on("close", () => this.#closed());
    call.signal.addEventListener("abort", () => this.#end(() => this.#sendGoodbye()));
    call.listen({
      message: (message) => this.#receive(message),
      end: () => this.#endOfClient(),
      drained: () => void device.resume(),
      closed: () => this.#end(() => {}),
    });
    // It may have ended before we listened.
    if (device.errored) this.#end(() => this.#fail(device.errored));
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

  /** Counts the bytes that wait in the device, in either direction, as memory of the call. */
  #count(): void {
    const { readableLength, readableObjectMode } = this.#device;
    // Streams in object mode count chunks.
    const unread = readableObjectMode ? readableLength * this.#largest : readableLength;
    this.#call.keep(this.#written + CHUNK_COST * this.#writes + unread);
  }

  #endOfClient(): void {
    if (this.#clientEnded) return;
    this.#clientEnded = true;
    this.#device.end();
    // The rest of the call (another GOAWAY, the half-close) must still be read.
    this.#call.resume();
  }

  #endIfDone(): void {
    if (this.#deviceEnded && this.#device.writableFinished) this.#end(() => this.#call.close());
  }

  /** Official clients that leave end their side only: a connection that breaks then is no failure. */
  #fail(error: unknown): void {
    const hasLeft = this.#clientEnded && codeOf(error) === Code.UNAVAILABLE;
    if (hasLeft) this.#call.endWith(error);
    else this.#call.fail(error);
  }

  #sendGoodbye(): void {
    if (!this.#deviceEnded) this.#call.send(GOAWAY);
    this.#call.close();
  }

  #closed(): void {
    const error = new ConnectionFailed("the device closed its stream");
    this.#end(() => this.#deviceEnded ? this.#sendGoodbye() : this.#fail(error));
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
