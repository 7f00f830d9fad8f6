/** The byte stream of a call that we serve. @module */
import type { Duplex } from "node:stream";
import type { ServerCall } from "../grpc/server_call.ts";
import { ByteStream } from "./byte_stream.ts";

/** The byte stream of `call`. Destroying it with an error fails the call with that error's status. */
export function serverBytes(call: ServerCall): Duplex {
  return new ServerBytes(call);
}

class ServerBytes extends ByteStream<ServerCall> {
  protected peerEnded(): void {
    this.endInput();
  }

  protected callClosed(): void {
    this.destroy();
  }

  /** Official clients half-close after their GOAWAY, so the call ends with OK. */
  protected complete(): void {
    this.call.close();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (error) this.call.fail(error);
    else {
      this.sendGoaway();
      this.call.close();
    }
    this.continueWriting();
    done(error);
  }
}
