/** The pages of files that the process has mapped: its own code, and that of libraries. @module */
import { readFileSync } from "node:fs";
import { functions } from "./libc.ts";

const libc = functions({ madvise: { parameters: ["u64", "usize", "i32"], result: "i32" } });

/** linux/mman.h: the next access maps the page of the file again. */
const MADV_DONTNEED = 4;

/** proc(5): `from-to permissions offset device inode path` begins each part of /proc/PID/smaps. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) r[-w]([-x])p [0-9a-f]+ \S+ \d+ +(\/.*)$/;

/**
 * Unmaps pages of files that were not changed, those of the program's own code above all: starting
 * takes much more of it than waiting does. What is used is mapped again from the page cache, without
 * reading the disk. Takes some 5 ms, and is safe at any time.
 */
export function forgetFilePages(): void {
  for (const part of readFileSync("/proc/self/smaps", "utf8").split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
    const [line = ""] = part.split("\n", 1);
    const [, from, to] = MAPPING.exec(line) ?? [];
    // A page that was written to, as relocations are, exists nowhere else.
    if (!from || !/^Anonymous: +0 kB$/m.test(part)) continue;
    const start = BigInt(`0x${from}`);
    // A failure leaves the pages mapped.
    libc().madvise(start, BigInt(`0x${to}`) - start, MADV_DONTNEED);
  }
}
