/**
 * Storage media: images to and from block devices and files.
 *
 * Data goes through the page cache, and is synced 32 MiB at a time while the next are written.
 * Direct I/O was tried: from Deno it either blocks the event loop or loses its errors, and it is
 * faster than any card either way (dd writes 2.4 GB/s to a loop device with it, 1.5 GB/s without).
 *
 * @module
 */
export { readImage, type ReadOptions } from "./read.ts";
export { StorageError } from "./problem.ts";
export { writeImage, type WriteOptions, type Written } from "./write.ts";
export type { MediumOptions } from "./medium.ts";
