/** Memory of mapped files: the code of the program and of libraries. @module */
import { readFileSync } from "node:fs";
import { functions } from "./libc.ts";

const libc = functions({ madvise: { parameters: ["u64", "usize", "i32"], result: "i32" } });

/** linux/mman.h: the next access maps the page of the file again. */
const MADV_DONTNEED = 4;

/** proc(5): `from-to permissions offset device inode path` begins each part of /proc/PID/smaps. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) r[-w]([-x])p [0-9a-f]+ \S+ \d+ +(\/.*)$/;

/**
 * Unmaps the unchanged pages of mapped files. Most of them are code that only the start needs. The
 * next access maps a page again from the page cache, without reading the disk. Takes about 5 ms, and
 * is safe at any time.
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
