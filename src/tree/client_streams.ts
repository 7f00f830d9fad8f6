/** The byte streams that clients open in advance for calls of one driver. @module */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { DriverError } from "../wire/error.ts";
import type { ClientStreamHandle } from "../driver/handle.ts";

/** Streams by the uuid of their handle; each is taken once. */
export class ClientStreams {
  readonly #streams = new Map<string, Duplex>();

  /** Stores `stream` until it is taken or its client leaves; returns its handle. */
  offer(stream: Duplex, encoding: string | null): ClientStreamHandle {
    const uuid = randomUUID();
    this.#streams.set(uuid, stream);
    stream.once("close", () => this.#streams.delete(uuid));
    return { kind: "client_stream", uuid, x_jmp_content_encoding: encoding };
  }

  /**
   * Removes and returns a stream.
   *
   * @throws {DriverError} if there is none: UNKNOWN with the uuid, as in official exporters.
   */
  take(uuid: string): Duplex {
    const stream = this.#streams.get(uuid.toLowerCase());
    if (!stream) {
      throw new DriverError(
        `UUID('${uuid}') names no stream of this driver's clients: a handle is valid for one driver and ` +
          `one use, until its client disconnects`,
      );
    }
    this.#streams.delete(uuid.toLowerCase());
    return stream;
  }

  /** Ends the stream of an unused handle, because its client waits for the end. */
  release(uuid: string): void {
    this.#streams.get(uuid.toLowerCase())?.destroy();
  }
}
