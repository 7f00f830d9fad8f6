/** The byte stream of a call that we make. @module */
import type { Duplex } from "node:stream";
import type { ClientCall } from "../grpc/client_call.ts";
import { ByteStream } from "./byte_stream.ts";

/** How long a server may take to end a call after both directions have ended, in milliseconds. */
const GOODBYE_MS = 1_000;

/**
 * The byte stream of `call`. It is destroyed with a StatusError when the call fails before the
 * server has ended its direction. Destroying it earlier cancels the call.
 */
export function clientBytes(call: ClientCall): Duplex {
  return new ClientBytes(call);
}

class ClientBytes extends ByteStream<ClientCall> {
  /** The status that comes with it tells whether the bytes are complete. */
  protected peerEnded(): void {}

  protected callClosed(): void {
    this.call.success().then(() => this.#serverLeft(), (error: Error) => {
      // Official servers end their calls with ABORTED once they have sent GOAWAY.
      if (this.inputEnded) this.#serverLeft();
      else this.destroy(error);
    });
  }

  protected complete(): void {
    // Cancelling now could overtake the last bytes.
    const timer = setTimeout(() => this.call.cancel(), GOODBYE_MS);
    this.call.status.then(() => clearTimeout(timer));
  }

  override _final(done: (error?: Error | null) => void): void {
    super._final(() => {
      this.call.halfClose();
      // Leaving right after the end must not discard what was written before.
      this.whenSent(done);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded || !this.writableFinished) this.call.cancel();
    this.continueWriting();
    done(error);
  }

  /** No more bytes come, and nobody takes ours: what was read ahead is still to be read. */
  #serverLeft(): void {
    this.endInput();
    this.continueWriting();
    if (this.readableEnded) this.destroy();
    else this.once("end", () => this.destroy());
  }
}
