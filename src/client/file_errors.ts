/** Error messages that name a file once. @module */

/**
 * Runs `work`, and prefixes its errors with `what`; removes the path that Deno appends.
 *
 * @param what a clause that names the file: `cannot read image.raw`
 */
export async function prefixErrors<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { message, name } = error as Error;
    const [reason = name] = (message || name).split(/ \(os error \d+\)/);
    throw new Error(`${what}: ${reason}`, { cause: error });
  }
}

/** Writes all of `bytes` to an open file. @throws {Error} naming `path` */
export async function writeAll(path: string, file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  await prefixErrors(`cannot write ${path}`, async () => {
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  });
}
