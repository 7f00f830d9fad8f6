/**
 * From plain functions to grpc-js handlers: record the call, apply its fault, run the
 * function, answer with its result or its error.
 *
 * @module
 */
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerWritableStream,
} from "@grpc/grpc-js";
import type { Hub } from "./hub.ts";
import { asRpcError, type RpcError } from "./rpc_error.ts";

/** The context of a call. */
export interface CallContext {
  readonly metadata: Metadata;
  /** Aborted when the caller cancels or the controller stops. */
  readonly signal: AbortSignal;
}

/** Answers one unary call; throws {@linkcode RpcError} for anything but OK. */
export type UnaryHandler<Req, Res> = (request: Req, context: CallContext) => Res | Promise<Res>;

/** Makes an empty message, which is the answer to a call that is dropped. */
export interface Empty<Res> {
  fromPartial(object: Record<string, never>): Res;
}

/** A unary method of the controller. */
export function unary<Req, Res>(
  hub: Hub,
  method: string,
  empty: Empty<Res>,
  handler: UnaryHandler<Req, Res>,
): handleUnaryCall<Req, Res> {
  return (call, callback) => {
    hub.recorder.add(method, call.request, call.metadata, call.getPeer());
    const cancelled = new AbortController();
    call.once("cancelled", () => cancelled.abort());
    const signal = AbortSignal.any([hub.signal, cancelled.signal]);
    const run = async () => {
      if (await hub.faults.apply(method, signal) === "drop") return empty.fromPartial({});
      return await handler(call.request, { metadata: call.metadata, signal });
    };
    run().then((response) => callback(null, response), (error) => callback(asRpcError(error)));
  };
}

/** Starts a stream of answers; what it opens has to close with `stream`. */
export type StreamHandler<Req, Res> = (
  request: Req,
  stream: OutStream<Res>,
  context: CallContext,
) => void;

/** A server-streaming method of the controller. */
export function streaming<Req, Res>(
  hub: Hub,
  method: string,
  handler: StreamHandler<Req, Res>,
): handleServerStreamingCall<Req, Res> {
  return (call) => {
    hub.recorder.add(method, call.request, call.metadata, call.getPeer());
    const stream = new OutStream(method, call);
    hub.streams.add(stream as OutStream<unknown>);
    stream.onClose(() => hub.streams.delete(stream as OutStream<unknown>));
    const signal = AbortSignal.any([hub.signal, stream.closed]);
    const run = async () => {
      await hub.faults.apply(method, signal);
      if (!stream.closed.aborted) {
        handler(call.request, stream, { metadata: call.metadata, signal });
      }
    };
    run().catch((error) => stream.end(asRpcError(error)));
  };
}

/** The sending side of a server stream; sends no headers before the first message. */
export class OutStream<Res> {
  readonly method: string;
  /** Namespace and name of the exporter that opened it, once that is known. */
  owner = "";
  readonly #call: ServerWritableStream<unknown, Res>;
  readonly #closed = new AbortController();

  constructor(method: string, call: ServerWritableStream<unknown, Res>) {
    this.method = method;
    this.#call = call;
    for (const event of ["cancelled", "close", "error"]) {
      call.once(event, () => this.#closed.abort());
    }
  }

  /** Aborted when the stream has ended, from either side. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Whether the reader is too slow. */
  get full(): boolean {
    return this.#call.writableNeedDrain;
  }

  /** Sends a message. */
  write(message: Res): void {
    if (!this.closed.aborted) this.#call.write(message);
  }

  /** Ends with `error`, or with OK. */
  end(error?: RpcError): void {
    if (this.closed.aborted) return;
    if (error) this.#call.emit("error", error);
    else this.#call.end();
    this.#closed.abort();
  }

  /** Calls `listener` once, when the stream has ended. */
  onClose(listener: () => void): void {
    this.closed.addEventListener("abort", listener, { once: true });
  }

  /** Calls `listener` whenever the reader has caught up. */
  onDrain(listener: () => void): void {
    this.#call.on("drain", listener);
  }
}
