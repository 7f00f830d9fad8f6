/** Handles errors that no other code has handled. @module */
import type { Log } from "../log/log.ts";

/**
 * Until disposed, logs stray errors (of a library or driver) instead of ending the process, which
 * would end the sessions of all exporters in it.
 */
export function surviveStrayErrors(log: Log): Disposable {
  const survive = (event: Event, error: unknown) => {
    event.preventDefault();
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    log.critical(`Unexpected failure, carrying on: ${text}`);
  };
  const onRejection = (event: PromiseRejectionEvent) => survive(event, event.reason);
  const onError = (event: ErrorEvent) => survive(event, event.error);
  globalThis.addEventListener("unhandledrejection", onRejection);
  globalThis.addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      globalThis.removeEventListener("unhandledrejection", onRejection);
      globalThis.removeEventListener("error", onError);
    },
  };
}
