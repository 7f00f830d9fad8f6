/** Files that a running stream is written to, such as the output of a device. @module */
import { prefixErrors, writeAll } from "./file_errors.ts";

/** A file that is open for writing. */
export class LogFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Creates a file, or empties one.
   *
   * @param append whether to keep the content that it has
   * @throws {Error} naming the file and what is wrong with it
   */
  static async open(path: string, append = false): Promise<LogFile> {
    const options = { write: true, create: true, append, truncate: !append };
    const file = await prefixErrors(`cannot write ${path}`, () => Deno.open(path, options));
    return new LogFile(path, file);
  }

  /** Resolves when `bytes` are written. @throws {Error} naming the file */
  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#path, this.#file, bytes);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
