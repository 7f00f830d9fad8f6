/** Keeps paths below the root of a storage, whatever they are made of. @module */
import { posix } from "node:path";
import { StorageError } from "./problem.ts";
import { isDirectory, ROOT } from "./path.ts";

/** Turns paths of a storage into those of the system, below `root`. */
export class Jail {
  /** Absolute, without symbolic links. */
  readonly root: string;

  /** @param root a folder that exists. */
  static async at(root: string): Promise<Jail> {
    return new Jail(await Deno.realPath(root));
  }

  private constructor(root: string) {
    this.root = root;
  }

  /**
   * The place itself: what a link at its end points to does not matter.
   *
   * @throws {StorageError} PermissionDenied where it is outside.
   */
  async place(path: string, operation: string): Promise<string> {
    const place = this.#below(path, operation);
    if (place !== this.root) await this.#checkExisting(posix.dirname(place), path, operation);
    return place;
  }

  /**
   * What is at the place: a link at its end is followed, and must lead to something below
   * the root.
   *
   * @throws {StorageError} PermissionDenied where it is outside.
   */
  async target(path: string, operation: string): Promise<string> {
    const place = await this.place(path, operation);
    const info = await Deno.lstat(place).catch(() => undefined);
    if (!info?.isSymlink) return place;
    const real = await Deno.realPath(place).catch(() => undefined);
    if (real === undefined || !this.#holds(real)) throw escape(path, operation);
    return real;
  }

  #below(path: string, operation: string): string {
    const clean = posix.normalize(
      path === ROOT ? "." : isDirectory(path) ? path.slice(0, -1) : path,
    );
    if (clean === ".." || clean.startsWith("../")) throw escape(path, operation);
    return clean === "." ? this.root : posix.join(this.root, clean);
  }

  /** The deepest folder that exists must be below the root, when its links are followed. */
  async #checkExisting(folder: string, path: string, operation: string): Promise<void> {
    for (let at = folder; at !== this.root; at = posix.dirname(at)) {
      const info = await Deno.lstat(at).catch(() => undefined);
      if (!info) continue;
      const real = await Deno.realPath(at).catch(() => undefined);
      if (real === undefined || !this.#holds(real)) throw escape(path, operation);
      return;
    }
  }

  #holds(real: string): boolean {
    return real === this.root || real.startsWith(this.root === "/" ? "/" : `${this.root}/`);
  }
}

function escape(path: string, operation: string): StorageError {
  return new StorageError(
    "PermissionDenied",
    operation,
    `expected a path below the root of the storage, found '${path}', which leads out of it`,
  );
}
