/** Storages in a folder of the exporter's host. @module */
import { messageOf } from "../../src/driver/mod.ts";
import { SparseFile } from "../../src/files/sparse_file.ts";
import { type Descriptor, OPEN, openAtOnPool } from "../../src/libc/files.ts";
import type { SystemError } from "../../src/libc/libc.ts";
import type { Flag } from "./capability.ts";
import { Escape, ignoreExisting, type Jail, type Place } from "./jail.ts";
import { base, ROOT } from "./path.ts";
import { StorageError } from "./problem.ts";
import { openRoot } from "./root.ts";
import type { Backend, Metadata, Reader, Writer } from "./storage.ts";
import { entriesOf, ifThere, removeTree } from "./tree.ts";

const ABLE: readonly Flag[] = [
  "stat",
  "read",
  "write",
  "write_can_multi",
  "write_can_empty",
  "write_can_append",
  "create_dir",
  "delete",
  "copy",
  "rename",
  "list",
  "shared",
  "blocking",
];

const CHUNK = 256 * 1024;

/** Files and folders below a root, which no path leaves. */
export class FsBackend implements Backend {
  readonly scheme = "fs";
  readonly able = new Set(ABLE);
  readonly #jail: Jail;

  /** Opens the folder `root`, which is created unless it exists. @throws {DriverError} */
  static async open(root: string): Promise<FsBackend> {
    return new FsBackend(await openRoot(root));
  }

  private constructor(jail: Jail) {
    this.#jail = jail;
  }

  /** The real path of the root, without symbolic links. */
  get root(): string {
    return this.#jail.root;
  }

  async stat(path: string): Promise<Metadata> {
    return await attempt("stat", path, async () => {
      using place = await this.#jail.find(path, { follow: true });
      const { isDirectory, size } = await Deno.stat(place.existing().path);
      return { directory: isDirectory, size };
    });
  }

  async read(path: string, { size = 0 }: Metadata): Promise<Reader> {
    const file = await attempt("read", path, async () => {
      using place = await this.#jail.find(path, { follow: true });
      return await Deno.open(withContent(place.existing()));
    });
    return {
      size,
      from: (position) => chunksOf(file, position, path),
      close: () => file.close(),
    };
  }

  async write(path: string): Promise<Writer> {
    const file = await attempt(
      "write",
      path,
      async () => await SparseFile.over(await this.#openToWrite(path)),
    );
    return {
      write: (chunk) => attempt("write", path, () => file.write(chunk)),
      close: () => file[Symbol.dispose](),
    };
  }

  async createDirectory(path: string): Promise<void> {
    await attempt("create_dir", path, async () => {
      using place = await this.#jail.find(path, { follow: true, make: true });
      const type = place.file?.info().type;
      if (type === undefined) await Deno.mkdir(place.path).catch(ignoreExisting);
      else if (type !== "directory") throw new Error(`expected a directory, found a ${type}`);
    });
  }

  async delete(path: string): Promise<void> {
    await attempt("delete", path, async () => {
      using place = await this.#placeIfReachable(path);
      if (!place) return;
      if (place.isRoot) throw keepsRoot();
      await ifThere(Deno.remove(place.path));
    });
  }

  /** Empties the root, but does not remove it. */
  async removeAll(path: string): Promise<void> {
    await attempt("delete", path, async () => {
      using place = await this.#placeIfReachable(path);
      if (place) await removeTree(place);
    });
  }

  async copy(source: string, target: string): Promise<void> {
    await attempt("copy", `${source}' to '${target}`, async () => {
      using from = await this.#jail.find(source, { follow: true });
      const file = from.existing();
      const { type, identity } = file.info();
      if (type !== "file") throw new Error("the source is not a file");
      using to = await this.#jail.find(target, { follow: true, make: true });
      // Opening the target for writing would empty it before it is read.
      if (to.file?.info().identity === identity) throw sameFile(source, target);
      using made = to.file ? undefined : await openAtOnPool(to.folder, to.name, CREATE, 0o666);
      await Deno.copyFile(file.path, made?.path ?? withContent(to.file!));
    });
  }

  async rename(source: string, target: string): Promise<void> {
    await attempt("rename", `${source}' to '${target}`, async () => {
      using from = await this.#jail.find(source, { follow: false });
      if (from.isRoot) throw keepsRoot();
      from.existing();
      using to = await this.#jail.find(target, { follow: false, make: true });
      if (to.isRoot) throw keepsRoot();
      await Deno.rename(from.path, to.path);
    });
  }

  async *list(path: string, recursive: boolean): AsyncGenerator<string> {
    const directory = base(path);
    const found = await attempt("list", path, () => this.#placeIfReachable(directory, true));
    using place = found;
    if (place?.file?.info().type !== "directory") return;
    yield directory;
    const enter = (entry: string) => recursive && entry.startsWith(rest(path));
    const entries = entriesOf(place.file, directory, enter);
    for (;;) {
      const { done, value } = await attempt("list", path, () => entries.next());
      if (done) return;
      yield value;
    }
  }

  /** Does not follow a link that was created in the meantime. */
  async #openToWrite(path: string): Promise<Deno.FsFile> {
    using place = await this.#jail.find(path, { follow: true, make: true });
    if (!place.file) return await Deno.open(place.path, { write: true, createNew: true });
    return await Deno.open(withContent(place.file), { write: true, truncate: true });
  }

  /** Finds a place; undefined if something is missing on the path to it. */
  async #placeIfReachable(path: string, follow = false): Promise<Place | undefined> {
    try {
      return await this.#jail.find(path, { follow });
    } catch (error) {
      if ((error as SystemError).code === "ENOENT") return undefined;
      if (follow && (error as SystemError).code === "ENOTDIR") return undefined;
      throw error;
    }
  }
}

/** Creates a new file; does not follow an existing link. */
const CREATE = OPEN.WRONLY | OPEN.CREAT | OPEN.EXCL | OPEN.NOFOLLOW;

/**
 * The path for opening a file. Refuses named pipes, because opening one waits for its other end,
 * which may never be opened.
 */
function withContent(file: Descriptor): string {
  const { type } = file.info();
  if (type === "fifo" || type === "socket") throw new Error(`expected a file, found a ${type}`);
  return file.path;
}

/** The prefix of the entries below the base of `path`. */
function rest(path: string): string {
  return path === ROOT ? "" : path;
}

async function* chunksOf(
  file: Deno.FsFile,
  position: number,
  path: string,
): AsyncGenerator<Uint8Array> {
  await file.seek(position, Deno.SeekMode.Start);
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = await attempt("read", path, () => file.read(chunk));
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}

/** Converts system errors to the errors of storages. */
async function attempt<T>(
  operation: string,
  path: string,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    if (error instanceof Escape) {
      throw new StorageError("PermissionDenied", operation, error.message, error);
    }
    throw new StorageError(kindOf(error), operation, `'${path}': ${reasonOf(error)}`, error);
  }
}

/** The reason without the path of a descriptor, which is useless to clients. */
function reasonOf(error: unknown): string {
  return messageOf(error).replace(/(: \w+)? '\/proc\/self\/fd\/.*$/s, "");
}

const KINDS: Readonly<Record<string, StorageError["kind"]>> = {
  ENOENT: "NotFound",
  ENOTDIR: "NotFound",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied",
};

function kindOf(error: unknown): StorageError["kind"] {
  return KINDS[(error as { code?: string }).code ?? ""] ?? "Unexpected";
}

function sameFile(source: string, target: string): StorageError {
  const found = `expected two files, but '${source}' and '${target}' are the same one`;
  return new StorageError("IsSameFile", "copy", found);
}

function keepsRoot(): StorageError {
  return new StorageError(
    "PermissionDenied",
    "delete",
    "the root of the storage cannot be removed",
  );
}
