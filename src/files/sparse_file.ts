/** Files that take no room for zeros. @module */
import { Buffer } from "node:buffer";

/** Bytes that become a hole together if all are zero: a multiple of the block of any file system. */
const PIECE = 64 * 1024;
const ZEROS = new Uint8Array(PIECE);

/** Appends to a file from its start, and leaves holes for pieces of zeros where that is safe. */
export class SparseFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #sparse: boolean;
  #position = 0;

  /** @param sparse whether the file reads as zeros where nothing was written */
  private constructor(file: Deno.FsFile, sparse: boolean) {
    this.#file = file;
    this.#sparse = sparse;
  }

  /** Takes over a file that was opened for writing; a device may have old content, so it gets all bytes. */
  static async over(file: Deno.FsFile): Promise<SparseFile> {
    const { isFile, size } = await file.stat();
    return new SparseFile(file, isFile && size === 0);
  }

  /** Appends `bytes`. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      if (this.#sparse && isZero(piece)) await this.#skip(piece.length);
      else await this.#put(piece);
    }
  }

  async #skip(length: number): Promise<void> {
    await this.#file.truncate(this.#position + length);
    this.#position = await this.#file.seek(length, Deno.SeekMode.Current);
  }

  async #put(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length;) at += await this.#file.write(piece.subarray(at));
    this.#position += piece.length;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function isZero(piece: Uint8Array): boolean {
  return Buffer.compare(piece, ZEROS.subarray(0, piece.length)) === 0;
}
