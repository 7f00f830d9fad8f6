/**
 * The C library: what Deno has no word for. Every room may use it.
 *
 * `open` and its like are variadic in C. On x86_64 and aarch64 Linux integer and pointer
 * arguments of variadic functions travel as those of any other.
 *
 * @module
 */
import { getSystemErrorMap } from "node:util";

/** A system call that failed; `code` is the errno as a word (`ENOENT`). */
export class SystemError extends Error {
  override name = "SystemError";

  /** @param what what could not be done: `Cannot open /run/x` */
  constructor(what: string, readonly code: string) {
    super(`${what}: ${code}`);
  }
}

/** Functions of the C library, loaded with their first use and kept. */
export function functions<S extends Deno.ForeignLibraryInterface>(
  symbols: S,
): () => Deno.DynamicLibrary<S>["symbols"] {
  let loaded: Deno.DynamicLibrary<S>["symbols"] | undefined;
  return () => loaded ??= Deno.dlopen("libc.so.6", symbols).symbols;
}

const errnoPlace = functions({ __errno_location: { parameters: [], result: "pointer" } });

/** The errno of the last call that failed on this thread, so of no `nonblocking` one, as a word. */
export function lastErrno(): string {
  const errno = new Deno.UnsafePointerView(errnoPlace().__errno_location()!).getInt32();
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}

/** A text as C reads it. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
