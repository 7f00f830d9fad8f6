/** Keeps connections of this process alive on paths that swallow large packets. @module */
import { fragmentStalled } from "../libc/path_mtu.ts";
import type { Log } from "../log/log.ts";

/** In milliseconds; a connection is suspect one to three seconds after its first lost packet. */
const PERIOD_MS = 2_000;

/** Watches the connections of this process until it is disposed. */
export function watchPathMtu(log: Log): Disposable {
  const timer = setInterval(() => {
    for (const peer of fragmentStalled()) {
      log.info(
        `${peer} acknowledges nothing: the packets of this connection may be split from now on, in ` +
          "case that the path loses large ones",
      );
    }
  }, PERIOD_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
