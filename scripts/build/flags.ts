/** How the program is run, whichever way it was built. @module */

/**
 * All permissions: drivers open any device (Deno asks for all of them for each tty),
 * FFI reaches libc, hooks run what they like, and configs name any host. The service
 * manager limits what an exporter may do: see `jmp@.service`.
 */
export const PERMISSIONS = "--allow-all";

/**
 * Sizes of V8's generations in MB. The old generation is well above what 600 leases in a row need
 * (about 100), and low enough that a leak ends in a restart and not in swapping on a board with
 * 1 GB. The collector is exposed because `src/libc/malloc.ts` calls it.
 */
export const HEAP = "--v8-flags=--max-old-space-size=256,--max-semi-space-size=1,--expose-gc";

/** Otherwise Deno erases the line of a terminal where a progress of its own would be. */
export const QUIET = "--quiet";

/** Ignores configuration files around the program and in the user's folder. */
export const ALONE: readonly string[] = [
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
  "--node-modules-dir=none",
];

/**
 * Variables that would make Deno or its Node side run other code, serve a debugger, write files, or
 * accept any certificate. Those for trusted certificates and for colours stay.
 */
export const VARIABLES: readonly string[] = [
  "DENO_AUTO_SERVE",
  "DENO_CACHE_DB_MODE",
  "DENO_CACHE_LSC_ENDPOINT",
  "DENO_COMPAT",
  "DENO_CONDITIONS",
  "DENO_COVERAGE_DIR",
  "DENO_EMIT_CACHE_MODE",
  "DENO_INTERNAL_CHILD_ENTRYPOINT",
  "DENO_NODE_TRACE_EVENT_CATEGORIES",
  "DENO_NO_PROMPT",
  "DENO_TRACE_PERMISSIONS",
  "DENO_USE_CGROUPS",
  "DENO_USR2_MEMORY_TRIM",
  "DENO_V8_FLAGS",
  "NODE_CHANNEL_FD",
  "NODE_DEBUG",
  "NODE_OPTIONS",
  "NODE_TLS_REJECT_UNAUTHORIZED",
  "NODE_UNIQUE_ID",
  "NODE_V8_COVERAGE",
  "OTEL_DENO",
];
