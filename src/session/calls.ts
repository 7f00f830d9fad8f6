/** The small machinery that every handler of the session's services shares. @module */
import { Metadata, type ServerWritableStream } from "@grpc/grpc-js";
import { DriverError, toServiceError } from "../wire/error.ts";

/** What every call that a server serves has. */
export interface AnyCall {
  readonly cancelled: boolean;
  on(event: "cancelled", listener: () => void): unknown;
}

/** A call that is being served: aborted when its client leaves, or with the session. */
export interface RunningCall extends Disposable {
  readonly signal: AbortSignal;
}

/** The calls being served, so that they can be ended together. */
export class RunningCalls {
  readonly #controllers = new Set<AbortController>();
  readonly #over = Promise.withResolvers<void>();
  #ended: DOMException | undefined;

  /** Counts `call` as running until the result is disposed. */
  enter(call: AnyCall): RunningCall {
    const controller = new AbortController();
    if (this.#ended) controller.abort(this.#ended);
    else if (call.cancelled) controller.abort(departure());
    this.#controllers.add(controller);
    call.on("cancelled", () => {
      // grpc-js says so of calls that have ended, too.
      if (this.#controllers.has(controller)) controller.abort(departure());
    });
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => this.#leave(controller),
    };
  }

  /** Aborts every running call, and each that comes later; resolves when the last has ended. */
  end(): Promise<void> {
    this.#ended = new DOMException("the session has ended", "AbortError");
    for (const controller of this.#controllers) controller.abort(this.#ended);
    this.#settleIfOver();
    return this.#over.promise;
  }

  #leave(controller: AbortController): void {
    this.#controllers.delete(controller);
    this.#settleIfOver();
  }

  #settleIfOver(): void {
    if (this.#ended && this.#controllers.size === 0) this.#over.resolve();
  }
}

function departure(): DOMException {
  return new DOMException("the client left", "AbortError");
}

/** Sends `items` one by one at the client's pace, then ends the call; an error ends it with its status. */
export async function sendAll<T>(
  call: ServerWritableStream<unknown, T>,
  items: AsyncIterable<T> | Iterable<T>,
): Promise<void> {
  try {
    for await (const item of items) {
      if (call.cancelled) return;
      if (!call.write(item)) await drained(call);
    }
    call.end();
  } catch (error) {
    if (!call.cancelled) call.emit("error", toServiceError(error));
  }
}

function drained(call: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => {
    const events = ["drain", "cancelled", "close"] as const;
    const done = () => {
      for (const event of events) call.off(event, done);
      resolve();
    };
    for (const event of events) call.on(event, done);
  });
}

/** What the `request` metadata of an inner Stream call may ask for. */
export type StreamTarget =
  | { readonly kind: "driver"; readonly uuid: string; readonly method: string }
  | { readonly kind: "resource"; readonly uuid: string; readonly encoding: string | null };

/**
 * Reads the JSON text that clients put under the metadata key `request`.
 *
 * @throws {DriverError} UNKNOWN, as official exporters answer a malformed request.
 */
export function parseStreamTarget(metadata: Metadata): StreamTarget {
  const [text] = metadata.get("request");
  if (text === undefined) {
    throw new DriverError("Cannot open a stream: the metadata key 'request' is missing");
  }
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(String(text)) ?? {};
  } catch {
    throw new DriverError(`Cannot open a stream: 'request' is not JSON: ${text}`);
  }
  const { kind, uuid, method, x_jmp_content_encoding: encoding } = request;
  if (kind === "driver" && typeof uuid === "string" && typeof method === "string") {
    return { kind, uuid, method };
  }
  if (kind === "resource" && typeof uuid === "string") {
    return { kind, uuid, encoding: typeof encoding === "string" ? encoding : null };
  }
  throw new DriverError(
    `Cannot open a stream: expected kind 'driver' with uuid and method or kind 'resource' with ` +
      `uuid, found ${text}`,
  );
}

/** Metadata with these entries. */
export function metadataOf(entries: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
