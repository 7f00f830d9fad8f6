/** The priority of threads. @module */
import { functions } from "./libc.ts";

const libc = functions({ nice: { parameters: ["i32"], result: "i32" } });

/** Lowers the priority of this thread: Linux keeps a niceness (nice(2)) for each. */
export function lowerPriority(niceness: number): void {
  libc().nice(niceness);
}
