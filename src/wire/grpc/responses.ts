/** The responses of a server to a call. @module */
import { Code } from "../code.ts";
import type { ClientCall } from "./client_call.ts";
import { StatusError } from "./status.ts";

/** Decodes a message. */
type Decode<Response> = (bytes: never) => Response;

/** The only response to `call`. @throws as `call.success`, and {StatusError} INTERNAL for none or several */
export async function singleResponse<Response>(
  call: ClientCall,
  decode: Decode<Response>,
): Promise<Response> {
  const responses: Response[] = [];
  await new Promise<void>((resolve) => {
    call.listen({
      message(bytes) {
        if (responses.length > 0) throw new Error("expected one message, found more");
        responses.push(decode(bytes as never));
      },
      end() {},
      drained() {},
      closed: resolve,
    });
  });
  await call.success();
  if (responses.length === 0) {
    throw new StatusError(Code.INTERNAL, "expected one message, found none");
  }
  return responses[0]!;
}

/** The responses to `call`, each read from the connection on demand. Cancelling the stream ends the call. */
export function responseStream<Response>(
  call: ClientCall,
  decode: Decode<Response>,
): ReadableStream<Response> {
  let left = false;
  const source: UnderlyingDefaultSource<Response> = {
    start(controller) {
      call.listen({
        message(bytes) {
          call.pause();
          controller.enqueue(decode(bytes as never));
        },
        end() {},
        drained() {},
        closed() {
          if (left) return;
          call.success().then(() => controller.close(), (error) => controller.error(error));
        },
      });
      call.pause();
    },
    pull: () => call.resume(),
    cancel() {
      left = true;
      call.cancel();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
