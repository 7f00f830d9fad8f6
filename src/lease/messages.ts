/** The messages of statuses, as official exporters send them. @module */

/** The message of LEASE_READY. */
export const READY = "Ready for commands";

/** The message of BEFORE_LEASE_HOOK. */
export const BEFORE = "Running beforeLease hook";

/** The message of AFTER_LEASE_HOOK. */
export const AFTER = "Running afterLease hooks";

/** The message of AVAILABLE after a lease. */
export const DONE = "Available for new lease";

/** Official clients print what follows this prefix as a warning. */
const WARNING_PREFIX = "[HOOK_WARNING] ";

/** A hook failed and the lease goes on. */
export function warning(hook: string, failure: string): string {
  return `${WARNING_PREFIX}${hook} hook warning: ${failure}`;
}

/** A hook failed and ends the lease, or the exporter. */
export function failed(hook: string, onFailure: "endLease" | "exit", failure: string): string {
  const consequence = onFailure === "exit" ? "exit, shutting down" : onFailure;
  return `${hook} hook failed (on_failure=${consequence}): ${failure}`;
}

/** The message of OFFLINE; `hook` is the one whose failure is the reason. */
export function offline(hook: string | undefined): string {
  return `Exporter shutting down${hook ? ` due to ${hook} hook failure` : ""}`;
}
