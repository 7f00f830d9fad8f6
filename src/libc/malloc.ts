/** The memory that the process has freed and still holds. @module */
import { functions } from "./libc.ts";

const libc = functions({ malloc_trim: { parameters: ["usize"], result: "i32" } });

/** The garbage collector, where V8 runs with --expose-gc. */
const { gc } = globalThis as { gc?: () => void };

/** Whether {@linkcode trimMemory} is of any use: without a garbage collection it is not. */
export const canTrimMemory: boolean = gc !== undefined;

/**
 * Returns unused memory to the system: V8 collects no garbage while the program is idle, and the
 * C library keeps freed blocks between used ones. Takes some 50 ms.
 */
export function trimMemory(): void {
  gc?.();
  libc().malloc_trim(0n);
}
