/** Bytes that a client holds ready for a driver call, in either direction. @module */
import { type Duplex, Readable } from "node:stream";
import { Code } from "../wire/error.ts";
import type { ClientCall } from "../wire/grpc/client_call.ts";
import { StatusError } from "../wire/grpc/status.ts";
import { type Header, valueOf } from "../wire/http2/header_table.ts";
import { clientBytes } from "../wire/router/client_bytes.ts";
import {
  ACCEPT_ENCODING_KEY,
  type ClientStreamHandle,
  RESOURCE_KEY,
} from "../wire/router/stream_target.ts";

/** One offer. Its handle is good for one driver call; disposing it withdraws it. */
export class OfferedBytes implements Disposable {
  /** The argument by which a driver call uses these bytes. */
  readonly handle: ClientStreamHandle;
  /** The encoding that the exporter decodes; empty for none. An exporter that says nothing decodes none. */
  readonly acceptedEncoding: string;
  readonly #stream: Duplex;

  private constructor(stream: Duplex, metadata: readonly Header[]) {
    this.#stream = stream;
    this.handle = readHandle(valueOf(metadata, RESOURCE_KEY));
    this.acceptedEncoding = valueOf(metadata, ACCEPT_ENCODING_KEY) ?? "";
    // Whoever sends or receives gets the error; else the driver call does.
    stream.on("error", () => {});
  }

  /** The offer that `call` makes, once the exporter has accepted it. @throws as `call.success` */
  static async open(call: ClientCall): Promise<OfferedBytes> {
    try {
      const metadata = await call.metadata;
      return new OfferedBytes(clientBytes(call), metadata);
    } catch (error) {
      call.cancel();
      throw error;
    }
  }

  /**
   * Sends all of `source` at the driver's pace, and tells the driver that nothing follows. The
   * chunks must stay as they are. May begin before the driver call.
   *
   * @returns whether all was sent; false when the driver stopped reading, which is no error
   * @throws {StatusError} when the call or its connection failed, and what the source throws
   */
  async send(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<boolean> {
    const stream = this.#stream.resume();
    const chunks = Readable.from(source);
    chunks.on("error", (error) => stream.destroy(error));
    if (!stream.destroyed) chunks.pipe(stream);
    if (!stream.closed) await new Promise((resolve) => stream.once("close", resolve));
    // A source may wait for its next chunk for ever.
    chunks.destroy();
    if (stream.errored) throw stream.errored;
    return stream.writableFinished;
  }

  /**
   * The bytes that the driver call writes, until it has written all.
   *
   * Reading throws {@linkcode StatusError} when the call or its connection failed.
   */
  receive(): AsyncIterable<Uint8Array> {
    this.#stream.end();
    return this.#stream;
  }

  [Symbol.dispose](): void {
    this.#stream.destroy();
  }
}

function readHandle(text: string | undefined): ClientStreamHandle {
  try {
    const handle = JSON.parse(text ?? "");
    if (handle.kind === "client_stream" && typeof handle.uuid === "string") return handle;
  } catch {
    // Told below.
  }
  const found = text === undefined ? "none" : JSON.stringify(text);
  throw new StatusError(Code.INTERNAL, `expected a resource handle in the answer, found ${found}`);
}
