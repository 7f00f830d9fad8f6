/** Local files as sources and sinks of transfers. @module */
import { dirname } from "node:path";
import { prefixErrors, writeAll } from "./file_errors.ts";

/** Bytes of a chunk: each read and each frame has an overhead. */
const CHUNK = 512 * 1024;

/** A file that is read once. */
export class FileSource implements Disposable {
  readonly #file: Deno.FsFile;

  private constructor(
    /** Its path, for messages. */
    readonly path: string,
    file: Deno.FsFile,
    /** In bytes; undefined where it is not known: of pipes and devices. */
    readonly size: number | undefined,
  ) {
    this.#file = file;
  }

  /** Opens a file. @throws {Error} naming the file and the reason */
  static async open(path: string): Promise<FileSource> {
    return await prefixErrors(`cannot read ${path}`, async () => {
      const file = await Deno.open(path);
      const { isFile, isDirectory, size } = await file.stat();
      if (!isDirectory) return new FileSource(path, file, isFile ? size : undefined);
      file.close();
      throw new Error("Is a directory");
    });
  }

  /**
   * Its bytes. The next chunk is read while the one before is used.
   *
   * Reading throws an Error, which names the file, also when the file has become shorter meanwhile.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let next = this.#read();
    for (let chunk; (chunk = await next);) {
      next = this.#read();
      // If the reader leaves, nothing awaits it.
      next.catch(() => {});
      yield chunk;
      bytes += chunk.length;
    }
    await this.#requireWhole(bytes);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /** Files of the kernel may have fewer bytes than their size tells, but keep that. */
  async #requireWhole(bytes: number): Promise<void> {
    if (this.size === undefined || bytes >= this.size) return;
    const { size } = await this.#file.stat();
    if (size >= this.size) return;
    const lost = `${bytes} of ${this.size} bytes could be read`;
    throw new Error(`cannot read ${this.path}: it has become shorter: ${lost}`);
  }

  async #read(): Promise<Uint8Array | undefined> {
    const chunk = new Uint8Array(CHUNK);
    const read = () => this.#file.read(chunk);
    const count = await prefixErrors(`cannot read ${this.path}`, read);
    return count === null ? undefined : chunk.subarray(0, count);
  }
}

/**
 * A file that is written once. What was in it before stays until the first byte comes; a file that
 * was made for nothing is removed.
 */
export class FileSink implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #isNew: boolean;
  readonly #isFile: boolean;
  #begun = false;

  private constructor(
    /** Its path, for messages. */
    readonly path: string,
    file: Deno.FsFile,
    { isNew, isFile }: { readonly isNew: boolean; readonly isFile: boolean },
  ) {
    this.#file = file;
    this.#isNew = isNew;
    this.#isFile = isFile;
  }

  /**
   * Opens a file, or makes one with the folders to it, as official clients do.
   *
   * @throws {Error} naming the file and the reason
   */
  static async open(path: string): Promise<FileSink> {
    return await prefixErrors(`cannot write ${path}`, async () => {
      const { file, isNew } = await openOrCreate(path).catch(async (error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        await Deno.mkdir(dirname(path), { recursive: true });
        return await openOrCreate(path);
      });
      const { isFile } = await file.stat();
      return new FileSink(path, file, { isNew, isFile });
    });
  }

  /** Whether it is a file that has some of the bytes, but perhaps not all. */
  get isPartial(): boolean {
    return this.#isFile && this.#begun;
  }

  /** Writes all of `bytes`. @throws {Error} naming the file and the reason */
  async write(bytes: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of bytes) await this.#write(chunk);
  }

  /** Confirms that the file has all bytes, if there are any. @throws as `write` */
  async complete(): Promise<void> {
    await this.#begin();
  }

  [Symbol.dispose](): void {
    this.#file.close();
    if (this.#isNew && !this.#begun) Deno.removeSync(this.path);
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await this.#begin();
    await writeAll(this.path, this.#file, chunk);
  }

  async #begin(): Promise<void> {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#isFile) await prefixErrors(`cannot write ${this.path}`, () => this.#file.truncate(0));
  }
}

async function openOrCreate(path: string): Promise<{ file: Deno.FsFile; isNew: boolean }> {
  try {
    return { file: await Deno.open(path, { write: true, createNew: true }), isNew: true };
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    // It may be a link to nothing yet.
    return { file: await Deno.open(path, { write: true, create: true }), isNew: false };
  }
}
