/** Checksums of files in a storage. @module */
import { createHash } from "node:crypto";
import type { Storage } from "./storage.ts";

/** Computes the checksum of a file, in hex. */
export async function hash(
  storage: Storage,
  path: string,
  algorithm: "md5" | "sha256",
): Promise<string> {
  const reader = await storage.read(path);
  try {
    const sum = createHash(algorithm);
    for await (const chunk of reader.from(0)) sum.update(chunk);
    return sum.digest("hex");
  } finally {
    await reader.close();
  }
}
