/**
 * Resolves paths strictly below the root of a storage, even while others change the folders.
 *
 * A path that was checked may lead elsewhere when it is used. So each name is opened relative to
 * the descriptor of its folder, and the kernel follows no links: they are read and followed here,
 * name by name, beginning at the root. The result is the descriptor of a folder and a name in it.
 * openat2(2) with RESOLVE_BENEATH does nearly the same, but it requires Linux 5.6, and refuses
 * absolute links into the root, which have always worked.
 *
 * @module
 */
import { posix } from "node:path";
import { Descriptor, OPEN, openAt, openAtOnPool, openBeneath } from "../../src/libc/files.ts";
import { SystemError } from "../../src/libc/libc.ts";
import { isDirectory, ROOT } from "./path.ts";

/** The limit of the kernel, too. */
const MAX_LINKS = 40;

/** How deep folders may be nested, so that every tree can be listed and removed. */
export const MAX_DEPTH = 128;

/** The longest path on Linux, in bytes. */
const MAX_PATH = 4095;

/** A path that leads out of the root. */
export class Escape extends Error {
  override name = "Escape";

  constructor(path: string) {
    super(
      `expected a path below the root of the storage, found '${path}', which leads out of it`,
    );
  }
}

/** How a path is resolved. */
export interface FindOptions {
  /** Whether a link at its end is followed. */
  readonly follow: boolean;
  /** Whether to create missing folders on the path. @default false */
  readonly make?: boolean;
}

/** The result of resolving a path: a folder, a name in it, and the file that was found. */
export class Place implements Disposable {
  constructor(
    readonly folder: Descriptor,
    /** `.` if the path leads to the folder itself. */
    readonly name: string,
    /** Only for its `path` and `info()`; undefined if nothing exists there. */
    readonly file: Descriptor | undefined,
    /** Whether this is the root of the storage, by its plain path. */
    readonly isRoot: boolean,
  ) {}

  /** The path for functions that do not follow a link at the end. */
  get path(): string {
    return `${this.folder.path}/${this.name}`;
  }

  /** @throws {SystemError} ENOENT if nothing exists there. */
  existing(): Descriptor {
    if (!this.file) throw new SystemError(`Cannot find ${this.name}`, "ENOENT");
    return this.file;
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
    this.file?.[Symbol.dispose]();
  }
}

/** Turns paths of a storage into descriptors below `root`. */
export class Jail {
  /** Absolute, without symbolic links. */
  readonly root: string;

  readonly #stepwise: boolean;

  /**
   * @param root a folder that exists.
   * @param stepwise whether each name is opened by itself, as on an old kernel.
   */
  static async at(root: string, stepwise = false): Promise<Jail> {
    return new Jail(await Deno.realPath(root), stepwise);
  }

  private constructor(root: string, stepwise: boolean) {
    this.root = root;
    this.#stepwise = stepwise;
  }

  /**
   * Resolves a path.
   *
   * @throws {Escape} if it leads out of the root.
   * @throws {SystemError} if a folder on it is missing or not accessible.
   */
  async find(path: string, { follow, make = false }: FindOptions): Promise<Place> {
    const names = this.#names(path);
    const walk = new Walk(this.root, path, make);
    try {
      await walk.begin();
      const gone = this.#stepwise ? 0 : await walk.jump(names);
      return await walk.along(names.slice(gone), follow);
    } finally {
      walk[Symbol.dispose]();
    }
  }

  /** The names of a path without dots; a folder before `..` need not exist. */
  #names(path: string): string[] {
    const clean = posix.normalize(
      path === ROOT ? "." : isDirectory(path) ? path.slice(0, -1) : path,
    );
    if (clean === ".." || clean.startsWith("../")) throw new Escape(path);
    const names = split(clean);
    const bytes = new TextEncoder().encode(`${this.root}/${clean}`).length;
    if (bytes > MAX_PATH) throw new SystemError("Cannot use a path of this length", "ENAMETOOLONG");
    if (names.length > MAX_DEPTH) throw tooDeep();
    return names;
  }
}

/** The error of folders that are nested too deeply. */
export function tooDeep(): Error {
  return new Error(`expected folders nested at most ${MAX_DEPTH} deep, found more`);
}

/** One walk from the root. It holds the current folder, and the names that lead to it. */
class Walk implements Disposable {
  readonly #root: string;
  readonly #path: string;
  readonly #make: boolean;
  readonly #names: string[] = [];
  #folder: Descriptor | undefined;
  #links = 0;

  constructor(root: string, path: string, make: boolean) {
    this.#root = root;
    this.#path = path;
    this.#make = make;
  }

  async begin(): Promise<void> {
    this.#enter(await openAtOnPool(undefined, this.#root, FOLDER));
  }

  /**
   * Opens the folder of the last name at once, unless there are links or missing folders on the
   * path; returns how many names were resolved.
   */
  async jump(names: readonly string[]): Promise<number> {
    const ahead = names.slice(0, -1);
    if (ahead.length === 0) return 0;
    const folder = await openBeneath(this.#folder!, ahead.join("/"), FOLDER);
    if (!folder) return 0;
    this.#names.push(...ahead);
    this.#enter(folder);
    return ahead.length;
  }

  async along(names: readonly string[], follow: boolean): Promise<Place> {
    const pending = [...names];
    for (;;) {
      const name = pending.shift();
      if (name === undefined) return this.#here(names.length === 0);
      if (name === "..") {
        await this.#up();
        continue;
      }
      const last = pending.length === 0;
      const found = await this.#open(name, last);
      const type = found?.info().type;
      if (type === "link" && (follow || !last)) {
        found![Symbol.dispose]();
        pending.unshift(...await this.#readLink(name));
      } else if (last) return this.#end(name, found);
      else if (type === "directory") {
        this.#names.push(name);
        this.#enter(found!);
      } else {
        found![Symbol.dispose]();
        throw new SystemError(`Cannot go through ${name}`, "ENOTDIR");
      }
    }
  }

  [Symbol.dispose](): void {
    this.#folder?.[Symbol.dispose]();
    this.#folder = undefined;
  }

  #enter(folder: Descriptor): void {
    this[Symbol.dispose]();
    this.#folder = folder;
  }

  /** Passes the current folder on to a place. */
  #end(name: string, file: Descriptor | undefined, isRoot = false): Place {
    const place = new Place(this.#folder!, name, file, isRoot);
    this.#folder = undefined;
    return place;
  }

  #here(isRoot: boolean): Place {
    return this.#end(".", openAt(this.#folder, ".", FOLDER), isRoot);
  }

  /** Opens a name without following it; undefined if the last name does not exist. */
  async #open(name: string, last: boolean): Promise<Descriptor | undefined> {
    const folder = this.#folder!;
    try {
      return await openAtOnPool(folder, name, OPEN.PATH | OPEN.NOFOLLOW);
    } catch (error) {
      if ((error as SystemError).code !== "ENOENT") throw error;
      if (last) return undefined;
      if (!this.#make) throw error;
    }
    await Deno.mkdir(`${folder.path}/${name}`).catch(ignoreExisting);
    return await openAtOnPool(folder, name, OPEN.PATH | OPEN.NOFOLLOW);
  }

  /** Goes up by walking from the root again, because the folder may have been moved. */
  async #up(): Promise<void> {
    if (this.#names.length === 0) throw new Escape(this.#path);
    this.#names.pop();
    await this.begin();
    for (const name of this.#names) {
      this.#enter(await openAtOnPool(this.#folder, name, FOLDER));
    }
  }

  /** Reads a link as names; if it is absolute, returns to the root first. */
  async #readLink(name: string): Promise<string[]> {
    if (++this.#links > MAX_LINKS) throw new SystemError(`Cannot follow ${name}`, "ELOOP");
    const target = await Deno.readLink(`${this.#folder!.path}/${name}`);
    if (!target.startsWith("/")) return split(target);
    const inside = below(this.#root, target) ??
      below(this.#root, await Deno.realPath(target).catch(() => ""));
    if (inside === undefined) throw new Escape(this.#path);
    this.#names.length = 0;
    await this.begin();
    return split(inside);
  }
}

const FOLDER = OPEN.PATH | OPEN.NOFOLLOW | OPEN.DIRECTORY;

function split(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** The part of a path below the root; undefined if the path is not below it. */
function below(root: string, path: string): string | undefined {
  if (path === root) return "";
  const start = root === "/" ? root : `${root}/`;
  return path.startsWith(start) ? path.slice(start.length) : undefined;
}

/** Ignores that a folder exists, because others may create it at the same time. */
export function ignoreExisting(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}
