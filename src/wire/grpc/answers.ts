/** What a server answers to a call, as messages. @module */
import { Code } from "../code.ts";
import type { ClientCall } from "./client_call.ts";
import { StatusError } from "./status.ts";

/** Reads a message. */
type Decode<Response> = (bytes: never) => Response;

/** The only message of `call`. @throws as `call.success`, and {StatusError} INTERNAL for none or several */
export async function answerOf<Response>(
  call: ClientCall,
  decode: Decode<Response>,
): Promise<Response> {
  const answers: Response[] = [];
  await new Promise<void>((resolve) => {
    call.listen({
      message(bytes) {
        if (answers.length > 0) throw new Error("expected one message, found more");
        answers.push(decode(bytes as never));
      },
      end() {},
      drained() {},
      closed: resolve,
    });
  });
  await call.success();
  if (answers.length === 0) {
    throw new StatusError(Code.INTERNAL, "expected one message, found none");
  }
  return answers[0]!;
}

/** The messages of `call`, each read from the connection when it is asked for. Cancelling ends the call. */
export function answersOf<Response>(
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
