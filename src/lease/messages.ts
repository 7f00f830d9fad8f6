/** The status messages, with the texts of the official exporter. @module */

/** The message of LEASE_READY. */
export const READY = "Ready for commands";

/** The message of BEFORE_LEASE_HOOK. */
export const BEFORE = "Running beforeLease hook";

/** The message of AFTER_LEASE_HOOK. */
export const AFTER = "Running afterLease hooks";

/** The message of AVAILABLE after a lease. */
export const DONE = "Available for new lease";

/** Official clients print the text after this prefix as a warning. */
const WARNING_PREFIX = "[HOOK_WARNING] ";

/** Reports a failed hook after which the lease continues. */
export function warning(hook: string, failure: string): string {
  return `${WARNING_PREFIX}${hook} hook warning: ${failure}`;
}

/** Reports a failed hook that ends the lease or the exporter. */
export function failed(hook: string, onFailure: "endLease" | "exit", failure: string): string {
  const consequence = onFailure === "exit" ? "exit, shutting down" : onFailure;
  return `${hook} hook failed (on_failure=${consequence}): ${failure}`;
}

/** Reports a hook that a second signal has ended. */
export function aborted(hook: string): string {
  return `${hook} hook failed: it was interrupted, because the exporter is shutting down`;
}

/** The message of OFFLINE; `hook` is the hook whose failure ended the exporter, if one did. */
export function offline(hook: string | undefined): string {
  return `Exporter shutting down${hook ? ` due to ${hook} hook failure` : ""}`;
}
