/** Standard input of a command. @module */
import { prefixErrors } from "../client/file_errors.ts";
import type { Input } from "./context.ts";

/** Bytes of a read. */
const READ = 64 * 1024;

/**
 * Standard input. It stays open when a command stops reading, so that the settings of a terminal
 * can still be restored.
 */
export function standardInput(): Input {
  return { [Symbol.asyncIterator]: chunks, isTerminal: () => Deno.stdin.isTerminal() };
}

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(READ);
    const count = await prefixErrors("cannot read standard input", () => Deno.stdin.read(buffer));
    if (count === null) return;
    yield buffer.subarray(0, count);
  }
}
