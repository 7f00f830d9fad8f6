/** The resources of one call. @module */
import { addAbortSignal, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConnectionFailed, Timeout } from "../wire/error.ts";
import type { Value } from "../wire/value.ts";
import type { ClientStreams } from "./client_streams.ts";
import { codecFor } from "../codec/encoding.ts";
import { type OnTrailing, trailingNotice } from "../codec/transcoder.ts";
import { type ClientStreamHandle, type ResourceHandle, resourceHandle } from "../driver/handle.ts";
import type { DriverLog } from "../driver/manifest.ts";
import { Deadline } from "../base/deadline.ts";
import { download, upload } from "../hardware/http/presigned.ts";
import type { Resources, Source } from "../driver/resources.ts";
import { Once, received } from "../driver/source.ts";

/** The time limit for a presigned request up to its last byte, as in official exporters, in ms. */
const REQUEST_MS = 7_200_000;

/** Disposing it ends the streams of all handles of the call, opened or not. */
export class CallResources implements Resources, Disposable {
  readonly #streams: ClientStreams;
  readonly #args: readonly Value[];
  readonly #signal: AbortSignal;
  readonly #log: Pick<DriverLog, "warning">;
  readonly #opened = new DisposableStack();

  /**
   * The resources of a call with `args`; `signal` aborts them, and `log` is that of the driver,
   * which the client reads as well.
   */
  constructor(
    streams: ClientStreams,
    args: readonly Value[],
    signal: AbortSignal,
    log: Pick<DriverLog, "warning">,
  ) {
    this.#streams = streams;
    this.#args = args;
    this.#signal = signal;
    this.#log = log;
  }

  async read(handle: ResourceHandle): Promise<Source> {
    const source = handle.kind === "client_stream"
      ? this.#readStream(handle)
      : await download(handle, { signal: this.#deadline().signal, onTrailing: this.#onTrailing });
    this.#opened.defer(() => source.leave());
    return source;
  }

  async write(handle: ResourceHandle, content: Source): Promise<void> {
    if (handle.kind === "client_stream") await this.#writeStream(handle, content);
    else await upload(handle, content, this.#deadline());
  }

  [Symbol.dispose](): void {
    this.#opened.dispose();
    for (const arg of this.#args) {
      const { success, data } = resourceHandle.safeParse(arg);
      if (success && data.kind === "client_stream") this.#streams.release(data.uuid);
    }
  }

  #readStream(handle: ClientStreamHandle): Once {
    const { decode } = codecFor(handle.x_jmp_content_encoding);
    return new Once(decode(received(this.#take(handle)), this.#onTrailing));
  }

  readonly #onTrailing: OnTrailing = (count) => this.#log.warning(trailingNotice(count));

  async #writeStream(handle: ClientStreamHandle, content: AsyncIterable<Uint8Array>) {
    const { encode } = codecFor(handle.x_jmp_content_encoding);
    const stream = this.#take(handle);
    // The client's bytes are discarded, but must be read to notice the end of its side.
    stream.resume();
    try {
      await pipeline(encode(content), stream);
    } catch (error) {
      if (!isPrematureClose(error)) throw error;
      throw new ConnectionFailed("the client ended the stream before it had received everything", {
        cause: error,
      });
    }
  }

  #take({ uuid }: ClientStreamHandle): Duplex {
    const stream = addAbortSignal(this.#signal, this.#streams.take(uuid));
    this.#opened.defer(() => {
      // A stream that was ended is left to the client, which may still be receiving.
      if (!stream.writableEnded) stream.destroy();
    });
    return stream;
  }

  #deadline(): Deadline {
    const late = () => new Timeout(`the transfer took longer than ${REQUEST_MS / 1000} s`);
    return this.#opened.use(new Deadline({ ms: REQUEST_MS, signal: this.#signal, late }));
  }
}

function isPrematureClose(error: unknown): boolean {
  return (error as { code?: unknown } | null)?.code === "ERR_STREAM_PREMATURE_CLOSE";
}
