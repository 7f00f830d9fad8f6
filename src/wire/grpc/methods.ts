/** The methods of a service as functions of messages. @module */
import { Code, DriverError } from "../error.ts";
import { free } from "./message.ts";
import { exclusiveRound } from "../../base/event_loop.ts";
import type { ServerCall } from "./server_call.ts";

/** Serves one call to its end; an error that it throws becomes the call's status. */
export type Method = (call: ServerCall) => Promise<void>;

/** A method with one request, which the caller may have read already. */
export type OneRequestMethod = (call: ServerCall, request?: Promise<Uint8Array>) => Promise<void>;

/** Methods by path: `/package.Service/Method`. */
export type Methods = ReadonlyMap<string, Method>;

/** The server's part of a generated method. */
export interface Definition<Request, Response> {
  readonly path: string;
  /** The bytes are valid during the call only. */
  readonly requestDeserialize: (bytes: never) => Request;
  readonly responseSerialize: (response: Response) => Uint8Array;
}

/** A method with one request and one response. */
export function unary<Request, Response>(
  { requestDeserialize, responseSerialize }: Definition<Request, Response>,
  handle: (request: Request, call: ServerCall) => Response | Promise<Response>,
): OneRequestMethod {
  return async (call, message = onlyMessage(call)) => {
    const request = decode(requestDeserialize, call, await message);
    const response = await handle(request, call);
    if (!call.waiting) return;
    call.send(responseSerialize(response));
    call.close();
  };
}

/** A method with one request and many responses, which are sent at the client's pace. */
export function streaming<Request, Response>(
  { requestDeserialize, responseSerialize }: Definition<Request, Response>,
  handle: (request: Request, call: ServerCall) => AsyncIterable<Response>,
): OneRequestMethod {
  return async (call, message = onlyMessage(call)) => {
    // Clients wait for the headers before they use the stream.
    call.begin();
    const request = decode(requestDeserialize, call, await message);
    for await (const response of handle(request, call)) {
      if (!call.waiting) return;
      if (!call.send(responseSerialize(response))) await call.room();
    }
    call.close();
  };
}

class BadRequest extends DriverError {
  override name = "BadRequest";
  override readonly code = Code.INTERNAL;
}

/** Requests in bytes whose decoding takes about a millisecond or more: other tasks run before. */
const LARGE = 64 * 1024;

/** Decodes the request, and frees its bytes. */
function decode<Request>(
  deserialize: Definition<Request, never>["requestDeserialize"],
  call: ServerCall,
  bytes: Uint8Array,
): Request {
  try {
    if (!call.waiting) throw new DOMException("the call has ended", "AbortError");
    return deserialize(bytes as never);
  } catch (error) {
    if (!call.waiting) throw error;
    throw new BadRequest(`Cannot read the request: ${(error as Error).message}`);
  } finally {
    free(bytes);
    call.keep(0);
  }
}

/**
 * The only message of a call, in memory of its own.
 *
 * @throws {DriverError} for none or several, and the reason why the call has ended
 */
export function onlyMessage(call: ServerCall): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let first: Uint8Array | undefined;
    let complete = false;
    call.listen({
      message(message) {
        if (first) return reject(new BadRequest("expected one message, found more"));
        first = message;
        call.keep(message.length);
      },
      end() {
        complete = true;
        const message = first;
        if (!message) reject(new BadRequest("expected one message, found none"));
        else resolve(message.length > LARGE ? exclusiveRound().then(() => message) : message);
      },
      drained() {},
      closed() {
        if (first) free(first);
        if (complete) return;
        reject(call.signal.reason ?? new DOMException("the call has ended", "AbortError"));
      },
    });
  });
}
