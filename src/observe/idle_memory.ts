/** Releases memory while exporters are idle. @module */
import { clearTimeout, setTimeout } from "node:timers";
import type { ExporterStore } from "../exporter/store.ts";
import { forgetFilePages } from "../libc/file_pages.ts";

/** Time without a change of state after which exporters count as idle, in milliseconds. */
const QUIET_MS = 1_000;

/**
 * Releases the memory that the start and each lease needed, whenever the state of the exporters has
 * not changed for `quietMs`. Stops when disposed.
 */
export function releaseMemoryWhenIdle(
  stores: readonly Pick<ExporterStore, "subscribe">[],
  release: () => void = forgetFilePages,
  quietMs = QUIET_MS,
): Disposable {
  const stack = new DisposableStack();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(release, quietMs);
    // The timer must not keep the process running.
    timer.unref();
  };
  for (const store of stores) stack.use(store.subscribe(wait));
  stack.defer(() => clearTimeout(timer));
  wait();
  return stack;
}
