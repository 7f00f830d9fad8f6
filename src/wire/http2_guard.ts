/**
 * Keeps Deno's HTTP/2 from crashing the process when a peer says GOAWAY.
 *
 * grpc-js closes an idle connection from within its `goaway` event. Deno 2.9 frees the
 * native session at once, while it still reads the frame that raised the event, and
 * dies of an assertion in nghttp2 or of a segmentation fault. A controller or router
 * that restarts in an orderly way would take the exporter with it. So sessions that
 * grpc-js opens are closed in a turn of their own. `http2_guard_test.ts` shows the
 * crash where the guard is missing.
 *
 * @module
 */
import http2 from "node:http2";

const connect = http2.connect as (...args: unknown[]) => http2.ClientHttp2Session;

/** grpc-js calls `connect` through the module's object, so replacing it there is enough. */
Object.assign(http2, {
  connect(...args: unknown[]): http2.ClientHttp2Session {
    const session = connect(...args);
    const close = session.close;
    session.close = (done) => void setImmediate(() => close.call(session, done));
    return session;
  },
});
