/** The streams that the clients of one driver hold ready for its calls. @module */
import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { DriverError } from "../wire/error.ts";
import type { ClientStreamHandle } from "../driver/handle.ts";

/** Streams by the uuid of their handle; each is taken once. */
export class ClientStreams {
  readonly #streams = new Map<string, Duplex>();

  /** Holds `stream` ready, until it is taken or its client leaves; returns its handle. */
  offer(stream: Duplex, encoding: string | null): ClientStreamHandle {
    const uuid = randomUUID();
    this.#streams.set(uuid, stream);
    stream.once("close", () => this.#streams.delete(uuid));
    return { kind: "client_stream", uuid, x_jmp_content_encoding: encoding };
  }

  /** @throws {DriverError} when there is none: UNKNOWN with the uuid, as official exporters answer. */
  take(uuid: string): Duplex {
    const stream = this.#streams.get(uuid.toLowerCase());
    if (!stream) {
      throw new DriverError(
        `UUID('${uuid}') names no stream of this driver's clients: a handle belongs to one driver, ` +
          `is used once, and lives as long as its client`,
      );
    }
    this.#streams.delete(uuid.toLowerCase());
    return stream;
  }

  /** Ends the stream of a handle that nobody took: its client would wait for that. */
  release(uuid: string): void {
    this.#streams.get(uuid.toLowerCase())?.destroy();
  }
}
