/**
 * Keeps Deno's HTTP/2 from crashing the process when a peer says GOAWAY, and grpc-js from
 * waiting without end for a peer that never says a word.
 *
 * An idle connection is closed from within the event that tells of the GOAWAY, by
 * node:http2 itself and by grpc-js. Deno 2.9 frees the native session at once, while it
 * still reads the frame that raised the event, and dies of an assertion in nghttp2 or
 * of a segmentation fault: a controller or router that restarts in an orderly way would
 * take the exporter with it. So sessions end in a turn of their own.
 * `http2_guard_test.ts` shows the crash where the guard is missing.
 *
 * A peer that takes a connection and sends no SETTINGS, which come first (RFC 9113 §3.4),
 * costs grpc-js a descriptor for every channel that is closed meanwhile; such a session is
 * ended, and grpc-js tries again.
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

/** Plenty: they come in the round trip that follows the handshake. */
const SETTINGS_MS = 10_000;

/** Ends `session` where the peer's first frame does not come. */
function boundSilence(session: http2.ClientHttp2Session): void {
  const timer = setTimeout(() => session.destroy(), SETTINGS_MS);
  // grpc-js removes all listeners of the session at the same event, so these come first.
  session.once("remoteSettings", () => clearTimeout(timer));
  session.once("close", () => clearTimeout(timer));
}

const connect = http2.connect as (...args: unknown[]) => http2.ClientHttp2Session;

/** grpc-js calls `connect` through the module's object, so replacing it there is enough. */
Object.assign(http2, {
  connect(...args: unknown[]): http2.ClientHttp2Session {
    const session = connect(...args);
    endLater(session);
    boundSilence(session);
    return session;
  },
});
