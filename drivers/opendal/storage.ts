/** Storages: the checks that all schemes share, over the backend of one scheme. @module */
import { type Flag } from "./capability.ts";
import { isDirectory, matches, normalize, ROOT } from "./path.ts";
import { StorageError, unsupported } from "./problem.ts";

/** The metadata of a file or directory. */
export interface Metadata {
  readonly directory: boolean;
  /** In bytes, if the server reports it. */
  readonly size?: number;
  readonly type?: string;
  readonly etag?: string;
  readonly md5?: string;
  readonly disposition?: string;
}

/** A file that is open for reading. */
export interface Reader {
  /** In bytes, if it is known. */
  readonly size?: number;
  /** Reads all bytes from a position on, which may be beyond the end. */
  from(position: number): AsyncIterable<Uint8Array>;
  close(): void | Promise<void>;
}

/** A file that is open for writing, from its beginning. */
export interface Writer {
  write(chunk: Uint8Array): void | Promise<void>;
  close(): void | Promise<void>;
  /** Closes a file that will not be completed; without it, `close` does so. */
  abandon?(): void | Promise<void>;
}

/** A request that a client can make itself. */
export interface Presigned {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The operations of one scheme. Paths are normalized; operations that `able` does not name are
 * never called.
 */
export interface Backend {
  readonly scheme: string;
  readonly able: ReadonlySet<Flag>;
  /** @throws {StorageError} NotFound. */
  stat(path: string): Promise<Metadata>;
  read(path: string, metadata: Metadata): Promise<Reader>;
  write?(path: string): Promise<Writer>;
  createDirectory?(path: string): Promise<void>;
  delete?(path: string): Promise<void>;
  removeAll?(path: string): Promise<void>;
  copy?(source: string, target: string): Promise<void>;
  rename?(source: string, target: string): Promise<void>;
  /** Lists the directory itself and its entries, at any depth if `recursive`. */
  list?(path: string, recursive: boolean): AsyncIterable<string>;
  presign?(operation: "stat" | "read" | "write", path: string): Presigned;
}

/** One storage. @throws {StorageError} (each method) if the operation fails. */
export class Storage {
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get able(): ReadonlySet<Flag> {
    return this.#backend.able;
  }

  async stat(path: string): Promise<Metadata> {
    const wanted = normalize(path);
    if (wanted === ROOT) return { directory: true, size: 0 };
    const metadata = await this.#backend.stat(wanted);
    if (isDirectory(wanted) && !metadata.directory) {
      throw new StorageError("NotFound", "stat", `expected a directory, found a file: '${path}'`);
    }
    return metadata;
  }

  async exists(path: string): Promise<boolean> {
    try {
      await this.stat(path);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === "NotFound") return false;
      throw error;
    }
  }

  async read(path: string): Promise<Reader> {
    const wanted = normalize(path);
    if (isDirectory(wanted)) throw directory("read", path);
    const metadata = await this.stat(wanted);
    if (metadata.directory) throw directory("read", path);
    return await this.#backend.read(wanted, metadata);
  }

  async write(path: string): Promise<Writer> {
    const wanted = normalize(path);
    if (isDirectory(wanted)) throw directory("write", path);
    return await this.#need("write", "write")(wanted);
  }

  async createDirectory(path: string): Promise<void> {
    const wanted = normalize(path);
    if (!isDirectory(wanted)) {
      throw new StorageError(
        "NotADirectory",
        "create_dir",
        `expected a path that ends with a slash, found '${path}'`,
      );
    }
    await this.#need("createDirectory", "create_dir")(wanted);
  }

  async delete(path: string): Promise<void> {
    await this.#need("delete", "delete")(normalize(path));
  }

  async removeAll(path: string): Promise<void> {
    await this.#need("removeAll", "delete")(normalize(path));
  }

  async copy(source: string, target: string): Promise<void> {
    const paths = twoFiles("copy", source, target);
    await this.#need("copy", "copy")(...paths);
  }

  async rename(source: string, target: string): Promise<void> {
    const paths = twoFiles("rename", source, target);
    await this.#need("rename", "rename")(...paths);
  }

  /**
   * Lists the entries that begin with `path`, directories with a slash at the end, at any depth if
   * `recursive`.
   */
  async *list(path: string, recursive: boolean): AsyncGenerator<string> {
    const wanted = normalize(path);
    for await (const entry of this.#need("list", "list")(wanted, recursive)) {
      if (matches(entry, wanted)) yield entry;
    }
  }

  presign(operation: "stat" | "read" | "write", path: string): Presigned {
    return this.#need("presign", "presign")(operation, normalize(path));
  }

  #need<K extends keyof Backend>(method: K, operation: string): NonNullable<Backend[K]> {
    const found = this.#backend[method];
    if (typeof found !== "function") throw unsupported(operation, this.#backend.scheme);
    return found.bind(this.#backend) as NonNullable<Backend[K]>;
  }
}

function directory(operation: string, path: string): StorageError {
  return new StorageError("IsADirectory", operation, `expected a file, found '${path}'`);
}

function twoFiles(operation: string, source: string, target: string): [string, string] {
  const paths: [string, string] = [normalize(source), normalize(target)];
  const wrong = paths.find(isDirectory);
  if (wrong !== undefined) throw directory(operation, wrong);
  if (paths[0] === paths[1]) {
    throw new StorageError("IsSameFile", operation, `expected two files, found '${source}' twice`);
  }
  return paths;
}
