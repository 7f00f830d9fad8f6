/** Files to which bytes are added as they come, such as what a device says. @module */
import { naming } from "./naming.ts";

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
   * @param append keeps what is in it
   * @throws {Error} naming the file and what is wrong with it
   */
  static async open(path: string, append = false): Promise<LogFile> {
    const options = { write: true, create: true, append, truncate: !append };
    const file = await naming(`cannot write ${path}`, () => Deno.open(path, options));
    return new LogFile(path, file);
  }

  /** Resolves when the system has all of `bytes`. @throws {Error} naming the file */
  async write(bytes: Uint8Array): Promise<void> {
    await naming(`cannot write ${this.#path}`, async () => {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
