/**
 * Calls of the C library, for what Deno has no API for. Nothing but this folder declares them,
 * and only this file opens the library.
 *
 * Some functions (`open`, `ioctl`) are variadic in C. On x86_64 and aarch64 Linux integer and
 * pointer arguments of variadic functions are passed as those of any other.
 *
 * @module
 */
import { getSystemErrorMap } from "node:util";

/** A system call that failed. */
export class SystemError extends Error {
  override name = "SystemError";

  /**
   * @param what what failed: `Cannot open /run/x`, or the name of the call
   * @param code the symbolic errno: `ENOENT`
   */
  constructor(what: string, readonly code: string) {
    super(`${what}: ${explained(code)}`);
  }
}

/** `no such file or directory (ENOENT)` */
function explained(code: string): string {
  for (const [name, text] of getSystemErrorMap().values()) {
    if (name === code) return `${text} (${code})`;
  }
  return code;
}

const groups = new Set<() => unknown>();

/** Declares functions of the C library, which are loaded with their first use and kept. */
export function functions<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): () => Deno.DynamicLibrary<S>["symbols"] {
  let loaded: Deno.DynamicLibrary<S>["symbols"] | undefined;
  const load = () => loaded ??= Deno.dlopen("libc.so.6", symbols).symbols;
  groups.add(load);
  return load;
}

/** Loads all functions that were declared so far; for tests, see testing.ts. */
export function loadAll(): void {
  for (const load of groups) load();
}

const libc = functions({ __errno_location: { parameters: [], result: "pointer" } });

/** Where this thread has its errno. */
let errnoView: Deno.UnsafePointerView | undefined;

/**
 * The errno of the last failed call on this thread. A `nonblocking` call runs on another
 * thread, so its errno cannot be read.
 */
export function lastErrno(): number {
  errnoView ??= new Deno.UnsafePointerView(libc().__errno_location()!);
  return errnoView.getInt32();
}

/** The symbolic name of an errno: `ENOENT`. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** The error of the last failed call on this thread. @see lastErrno */
export function lastError(what: string): SystemError {
  return new SystemError(what, errnoName(lastErrno()));
}

/** Returns the result of a call unless it is negative. @throws {SystemError} see {@linkcode lastError} */
export function check(result: number | bigint, what: string): number {
  if (result < 0) throw lastError(what);
  return Number(result);
}

/** Whether `error` has one of these symbolic errnos; Deno's own errors have them, too. */
export function hasErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes(String((error as { code?: unknown }).code));
}

/** A string as C expects it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
