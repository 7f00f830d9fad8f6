/** Compares the content of a medium with what was written to it. @module */
import { createHash } from "node:crypto";
import { Code } from "../../wire/error.ts";
import type { MediumOptions } from "./medium.ts";
import { megabytes } from "./progress.ts";
import { StorageError } from "./problem.ts";
import { readInPlace } from "./read.ts";

/** Distance between marks in bytes. */
const MARK = 16 << 20;

/**
 * The SHA-256 of a stream, with marks: a part of its value every 16 MiB, so that a difference is
 * found near its position, and not only at the end.
 */
export class Fingerprint {
  readonly #hash = createHash("sha256");
  /** The first 48 bits of the digest at each mark. */
  readonly marks: number[] = [];
  #untilMark = MARK;

  /** Takes the next bytes of the stream. */
  add(bytes: Uint8Array): void {
    for (let taken = 0; taken < bytes.length;) {
      const part = bytes.subarray(taken, taken + this.#untilMark);
      this.#hash.update(part);
      taken += part.length;
      this.#untilMark -= part.length;
      if (this.#untilMark > 0) continue;
      this.marks.push(this.#hash.copy().digest().readUIntBE(0, 6));
      this.#untilMark = MARK;
    }
  }

  /** The digest of all bytes so far, as hexadecimal digits. */
  sha256(): string {
    return this.#hash.copy().digest("hex");
  }
}

/**
 * Reads the first `bytes` of the medium and compares them with what was written.
 *
 * @returns the SHA-256 of both.
 * @throws {StorageError} with the code DATA_LOSS if they differ, and where.
 */
export async function verify(
  written: Fingerprint,
  bytes: number,
  options: MediumOptions & { readonly progressMs?: number | undefined },
): Promise<string> {
  const { path, log } = options;
  log.info(`reading ${path} again to compare it`);
  const found = new Fingerprint();
  for await (const chunk of readInPlace({ ...options, length: bytes })) {
    found.add(chunk);
    const last = found.marks.length - 1;
    if (last >= 0 && found.marks[last] !== written.marks[last]) throw differs(path, last * MARK);
  }
  const sha256 = found.sha256();
  if (sha256 !== written.sha256()) throw differs(path, written.marks.length * MARK);
  log.info(`verified ${path}: ${megabytes(bytes)} with sha256 ${sha256}`);
  return sha256;
}

function differs(path: string, position: number): StorageError {
  const message = `Cannot verify ${path}: expected to read what was written, ` +
    `found a difference after ${megabytes(position)}; the medium or its reader is broken, or it ` +
    "is smaller than it says: use another";
  return new StorageError(message, Code.DATA_LOSS, position);
}
