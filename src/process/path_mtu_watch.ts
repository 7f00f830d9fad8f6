/** Keeps connections of this process alive on paths that swallow large packets. @module */
import { fragmentStalled } from "../libc/path_mtu.ts";
import type { Log } from "../log/log.ts";

/**
 * In milliseconds. Near by, TCP repeats a packet for the third time after 1.4 s and next after 3 s;
 * a longer period may miss that, and the one after comes at 6 s.
 */
const PERIOD_MS = 1_000;

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
