/** Gives memory back when exporters have nothing to do. @module */
import { clearTimeout, setTimeout } from "node:timers";
import type { ExporterStore } from "../exporter/store.ts";
import { forgetFilePages } from "../libc/file_pages.ts";

/** How long nothing must have changed, in ms. */
const QUIET_MS = 1_000;

/**
 * Gives back the memory that starting, a beginning lease, and an ended one have needed, each time
 * that the state of the exporters has been the same for a while. Until disposed.
 */
export function restWhenQuiet(
  stores: readonly Pick<ExporterStore, "subscribe">[],
  rest: () => void = forgetFilePages,
  quietMs = QUIET_MS,
): Disposable {
  const stack = new DisposableStack();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, quietMs);
    // It must not keep the process running.
    timer.unref();
  };
  for (const store of stores) stack.use(store.subscribe(wait));
  stack.defer(() => clearTimeout(timer));
  wait();
  return stack;
}
