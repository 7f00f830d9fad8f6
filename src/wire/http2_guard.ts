/**
 * Keeps Deno's HTTP/2 from crashing the process when a peer says GOAWAY.
 *
 * An idle connection is closed from within the event that tells of the GOAWAY, by
 * node:http2 itself and by grpc-js. Deno 2.9 frees the native session at once, while it
 * still reads the frame that raised the event, and dies of an assertion in nghttp2 or
 * of a segmentation fault: a controller or router that restarts in an orderly way would
 * take the exporter with it. So sessions end in a turn of their own.
 * `http2_guard_test.ts` shows the crash where the guard is missing.
 *
 * @module
 */
import http2 from "node:http2";

/** Makes `session` end, however that comes about, outside of its own events. */
export function endLater(session: http2.Http2Session): void {
  const { close, destroy } = session;
  session.close = (done) => void setImmediate(() => close.call(session, done));
  session.destroy = (...reason) => void setImmediate(() => destroy.apply(session, reason));
}

const connect = http2.connect as (...args: unknown[]) => http2.ClientHttp2Session;

/** grpc-js calls `connect` through the module's object, so replacing it there is enough. */
Object.assign(http2, {
  connect(...args: unknown[]): http2.ClientHttp2Session {
    const session = connect(...args);
    endLater(session);
    return session;
  },
});
