/** Memory that was freed, and stays with the process. @module */
import { functions } from "./libc.ts";

const libc = functions({ malloc_trim: { parameters: ["usize"], result: "i32" } });

/** The garbage collector, where V8 was told to lend it. */
const { gc } = globalThis as { gc?: () => void };

/** Whether memory can be given back. */
export const canGiveBack: boolean = gc !== undefined;

/**
 * Gives what nobody uses any more back to the system: an idle program collects no garbage by
 * itself, and the C library keeps what is freed between what is not. Takes some 50 ms.
 */
export function giveBackMemory(): void {
  gc?.();
  libc().malloc_trim(0n);
}
