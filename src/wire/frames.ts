/**
 * A byte stream in the frames of RouterService.Stream. The same frames carry two
 * things: a whole HTTP/2 connection through the router (the tunnel, where we are
 * the calling side), and the stream of one driver inside of it (where we serve).
 *
 * GOAWAY ends one direction and is the only end that crosses the router: a gRPC
 * half-close alone is not forwarded. PING, RST_STREAM and unknown frames are ignored,
 * as official exporters and clients do.
 *
 * @module
 */
import { Duplex } from "node:stream";
import type { ClientDuplexStream, ServerDuplexStream } from "@grpc/grpc-js";
import { toServiceError } from "./error.ts";
import { FrameType, type StreamRequest, type StreamResponse } from "./gen/jumpstarter/v1/router.ts";

/** Both directions have the same shape. */
type Frame = StreamRequest;

/** What the calling and the serving end of a Stream call have in common. */
interface FrameCall {
  write(frame: Frame): boolean;
  end(): void;
  pause(): unknown;
  resume(): unknown;
  on(event: "data", listener: (frame: Frame) => void): unknown;
  on(event: "end" | "drain" | "cancelled" | "close", listener: () => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/**
 * Payloads stay at or below the size that official peers send, far from the 4 MiB
 * at which a gRPC receiver with default limits refuses a message.
 */
const MAX_PAYLOAD = 64 * 1024;

/** How long a closing tunnel may take to say goodbye before its call is cancelled. */
const GOODBYE_MS = 1_000;

type Callback = (error?: Error | null) => void;

/** The bytes of a Stream call. Ends, half-ends, errors and backpressure pass both ways. */
abstract class FrameStream extends Duplex {
  readonly #call: FrameCall;
  #waiting: Callback | undefined;
  protected goawaySent = false;

  constructor(call: FrameCall) {
    super({ allowHalfOpen: true, highWaterMark: MAX_PAYLOAD });
    this.#call = call;
    call.on("data", (frame) => this.#receive(frame));
    call.on("end", () => this.#endOfInput());
    call.on("drain", () => this.#continue());
    call.on("error", (error) => this.destroy(error));
    call.on("cancelled", () => this.destroy());
  }

  /** Called once when both directions have ended, or on destroy. */
  protected abstract finishCall(error: Error | null): void;

  override _read(): void {
    this.#call.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Callback): void {
    let flowing = true;
    for (let start = 0; start === 0 || start < chunk.length; start += MAX_PAYLOAD) {
      const payload = chunk.subarray(start, start + MAX_PAYLOAD);
      flowing = this.#call.write({ payload, frameType: FrameType.FRAME_TYPE_DATA });
    }
    if (flowing) done();
    else this.#waiting = done;
  }

  override _final(done: Callback): void {
    this.sendGoaway();
    done();
  }

  override _destroy(error: Error | null, done: Callback): void {
    this.finishCall(error);
    this.#continue();
    done(error);
  }

  protected sendGoaway(): void {
    if (this.goawaySent) return;
    this.goawaySent = true;
    this.#call.write({ payload: EMPTY, frameType: FrameType.FRAME_TYPE_GOAWAY });
  }

  #receive({ payload, frameType }: Frame): void {
    if (frameType === FrameType.FRAME_TYPE_GOAWAY) return this.#endOfInput();
    if (frameType !== FrameType.FRAME_TYPE_DATA || payload.length === 0) return;
    if (this.readableEnded || this.#inputEnded) return;
    if (!this.push(payload)) this.#call.pause();
  }

  #inputEnded = false;

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

const EMPTY = new Uint8Array(0);

/** The calling side: a tunnel to the router. */
class CallerFrameStream extends FrameStream {
  readonly #call: ClientDuplexStream<StreamRequest, StreamResponse>;
  #over = false;

  constructor(call: ClientDuplexStream<StreamRequest, StreamResponse>) {
    super(call);
    this.#call = call;
    call.on("status", () => this.#over = true);
  }

  override _final(done: Callback): void {
    this.sendGoaway();
    this.#call.end();
    done();
  }

  protected override finishCall(): void {
    if (this.#over) return;
    // The peer learns of the end by the frame; cancelling at once would overtake it.
    if (!this.goawaySent) {
      this.sendGoaway();
      this.#call.end();
    }
    const timer = setTimeout(() => this.#call.cancel(), GOODBYE_MS);
    this.#call.on("status", () => clearTimeout(timer));
    this.#call.resume();
  }
}

/** The serving side: the stream of a driver or a resource. */
class ServerFrameStream extends FrameStream {
  readonly #call: ServerDuplexStream<StreamRequest, StreamResponse>;

  constructor(call: ServerDuplexStream<StreamRequest, StreamResponse>) {
    super(call);
    this.#call = call;
    // Official clients half-close after their GOAWAY; both ends done, the call is OK.
    this.on("end", () => this.#endIfDone());
    this.on("finish", () => this.#endIfDone());
  }

  #endIfDone(): void {
    if (this.readableEnded && this.writableFinished) this.#call.end();
  }

  protected override finishCall(error: Error | null): void {
    if (this.#call.cancelled || this.#call.writableEnded) return;
    if (error) this.#call.emit("error", toServiceError(error));
    else {
      this.sendGoaway();
      this.#call.end();
    }
  }
}

/** The byte stream of a call that we made. Destroying it says goodbye to the peer. */
export function callerBytes(call: ClientDuplexStream<StreamRequest, StreamResponse>): Duplex {
  return new CallerFrameStream(call);
}

/** The byte stream of a call that we serve. Destroying it with an error sends its status. */
export function serverBytes(call: ServerDuplexStream<StreamRequest, StreamResponse>): Duplex {
  return new ServerFrameStream(call);
}
