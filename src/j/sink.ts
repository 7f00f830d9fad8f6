/** Files to which commands write what devices say. @module */
import { messageOf } from "../wire/error.ts";
import { JError } from "./context.ts";

/** A file that is open for writing. */
export interface Sink extends Disposable {
  /** Resolves when the system has taken all bytes. @throws {JError} naming the file */
  write(bytes: Uint8Array): Promise<void>;
}

/** Creates a file, or empties or continues one. @throws {JError} naming the file */
export async function openSink(path: string, append = false): Promise<Sink> {
  const file = await naming(path, () => {
    return Deno.open(path, { write: true, create: true, append, truncate: !append });
  });
  return {
    async write(bytes) {
      let rest = bytes;
      while (rest.length > 0) rest = rest.subarray(await naming(path, () => file.write(rest)));
    },
    [Symbol.dispose]: () => file.close(),
  };
}

async function naming<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new JError(`cannot write ${path}: ${reasonOf(error)}`);
  }
}

/** Deno's messages of failed openings end with the path. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/: open '.*'$/s, "");
}
