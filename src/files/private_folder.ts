/** Folders that only the exporter can change, and the small files in them. @module */
import { randomUUID } from "node:crypto";
import { type Descriptor, OPEN, openAt } from "../libc/files.ts";
import { SystemError } from "../libc/libc.ts";
import { distrust, UnsafePlace } from "./trust.ts";
import { openFolder } from "./walk.ts";

/**
 * A folder that only the exporter's user and root can change. It is held open: what its path
 * leads to later does not matter. The methods take names of files in it, without slashes.
 */
export class PrivateFolder implements Disposable {
  readonly #folder: Descriptor;

  private constructor(readonly path: string, folder: Descriptor) {
    this.#folder = folder;
  }

  /**
   * Opens a folder, which is created if it is missing.
   *
   * @param path absolute.
   * @param mode the permissions of a folder that is created.
   * @throws {UnsafePlace} if another user can change it, or a folder or link on its path.
   * @throws {SystemError} if it cannot be opened or created.
   */
  static open(path: string, mode = 0o700): PrivateFolder {
    try {
      return new PrivateFolder(path, openFolder(path, { create: mode }));
    } catch (error) {
      if (!(error instanceof UnsafePlace)) throw error;
      throw new UnsafePlace(`Cannot use the folder ${path}: ${error.message}`);
    }
  }

  /**
   * Reads a file.
   *
   * @param maxBytes a larger file is refused.
   * @returns undefined if there is none.
   * @throws {UnsafePlace} if it is larger or not a plain file, or if another user owns it or can
   *   write it.
   * @throws {SystemError} if it cannot be read.
   */
  read(name: string, maxBytes: number): string | undefined {
    using found = this.#open(name);
    if (!found) return undefined;
    const { size } = this.#check(name, found);
    if (size > maxBytes) {
      throw new UnsafePlace(
        `expected at most ${maxBytes} bytes in ${this.#place(name)}, found ${size}; remove it`,
      );
    }
    return Deno.readTextFileSync(found.path);
  }

  /**
   * Writes a file atomically: a reader finds all of the old content or all of the new.
   *
   * @throws {SystemError} if the disk is full or read-only.
   */
  replace(name: string, text: string): void {
    const fresh = this.#inside(`.${randomUUID()}`);
    try {
      Deno.writeTextFileSync(fresh, text, { createNew: true, mode: 0o600 });
      Deno.renameSync(fresh, this.#inside(name));
    } catch (error) {
      removeIfThere(fresh);
      throw new SystemError(`Cannot write ${this.#place(name)}`, codeOf(error));
    }
  }

  /** Removes a file, whoever owns it. @throws {SystemError} if that is refused. */
  remove(name: string): void {
    try {
      removeIfThere(this.#inside(name));
    } catch (error) {
      throw new SystemError(`Cannot remove ${this.#place(name)}`, codeOf(error));
    }
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #open(name: string): Descriptor | undefined {
    // NONBLOCK: opening a named pipe would wait for its writer.
    const flags = OPEN.RDONLY | OPEN.NONBLOCK | OPEN.NOFOLLOW | OPEN.NOCTTY;
    try {
      return openAt(this.#folder, name, flags);
    } catch (error) {
      const { code } = error as SystemError;
      if (code === "ENOENT") return undefined;
      if (code === "ELOOP") throw this.#notPlain(name, "a link");
      throw new SystemError(`Cannot open ${this.#place(name)}`, code);
    }
  }

  #check(name: string, opened: Descriptor): { size: number } {
    const info = opened.info();
    if (info.type !== "file") throw this.#notPlain(name, `a ${info.type}`);
    const problem = distrust(this.#place(name), info);
    if (problem) throw new UnsafePlace(problem);
    return info;
  }

  #notPlain(name: string, found: string): UnsafePlace {
    const place = this.#place(name);
    return new UnsafePlace(`expected a plain file at ${place}, found ${found}; remove it`);
  }

  #place(name: string): string {
    return `${this.path}/${name}`;
  }

  #inside(name: string): string {
    return `${this.#folder.path}/${name}`;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? (error as Error).message;
}
