/** The resources of one call. @module */
import { addAbortSignal, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConnectionFailed, NotSupported } from "../../wire/error.ts";
import type { Value } from "../../wire/value.ts";
import type { ClientStreams } from "./client_streams.ts";
import { codecFor } from "./encoding.ts";
import { type ClientStreamHandle, type ResourceHandle, resourceHandle } from "./handle.ts";
import type { Resources, Source } from "./resources.ts";
import { Once, received } from "./source.ts";

/** Ends what it opened, and what it was given and did not open, when it is disposed. */
export class CallResources implements Resources, Disposable {
  readonly #streams: ClientStreams;
  readonly #args: readonly Value[];
  readonly #signal: AbortSignal;
  readonly #opened: Duplex[] = [];
  readonly #sources: Once[] = [];

  /** The resources of a call with `args`; `signal` aborts them. */
  constructor(streams: ClientStreams, args: readonly Value[], signal: AbortSignal) {
    this.#streams = streams;
    this.#args = args;
    this.#signal = signal;
  }

  // deno-lint-ignore require-await -- every failure is a rejection.
  async read(handle: ResourceHandle): Promise<Source> {
    if (handle.kind === "presigned_request") throw noRequests();
    const { decode } = codecFor(handle.x_jmp_content_encoding);
    const source = new Once(decode(received(this.#take(handle))));
    this.#sources.push(source);
    return source;
  }

  async write(handle: ResourceHandle, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (handle.kind === "presigned_request") throw noRequests();
    const { encode } = codecFor(handle.x_jmp_content_encoding);
    const stream = this.#take(handle);
    // What the client says is of no interest; that it ends its side is.
    stream.resume();
    try {
      await pipeline(encode(content), stream);
    } catch (error) {
      if (!isPrematureClose(error)) throw error;
      throw new ConnectionFailed("the client stopped listening before it had everything", {
        cause: error,
      });
    }
  }

  [Symbol.dispose](): void {
    for (const stream of this.#opened) stream.destroy();
    for (const source of this.#sources) source.leave();
    for (const arg of this.#args) {
      const { success, data } = resourceHandle.safeParse(arg);
      if (success && data.kind === "client_stream") this.#streams.release(data.uuid);
    }
  }

  #take({ uuid }: ClientStreamHandle): Duplex {
    const stream = addAbortSignal(this.#signal, this.#streams.take(uuid));
    this.#opened.push(stream);
    return stream;
  }
}

function isPrematureClose(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_STREAM_PREMATURE_CLOSE";
}

function noRequests(): NotSupported {
  return new NotSupported("Cannot use a presigned request: this version makes none");
}
