/**
 * Media: images to and from block devices and files.
 *
 * Data goes through the page cache, and is stored 32 MiB at a time while the next are on
 * their way. Direct I/O was tried: from Deno it either holds up the event loop or loses
 * its errors, and no card is as fast as either way (on a loop device dd reaches 2.4 GB/s
 * with it and 1.5 GB/s without).
 *
 * @module
 */
export { readImage, type ReadOptions } from "./read.ts";
export { StorageError } from "./problem.ts";
export { writeImage, type WriteOptions, type Written } from "./write.ts";
export type { MediumOptions } from "./medium.ts";
