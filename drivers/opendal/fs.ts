/** Storages in a folder of the exporter's host. @module */
import { posix } from "node:path";
import { messageOf } from "../../src/driver/mod.ts";
import type { Flag } from "./capability.ts";
import { Jail } from "./jail.ts";
import { base, child, ROOT } from "./path.ts";
import { StorageError } from "./problem.ts";
import type { Backend, Metadata, Reader, Writer } from "./storage.ts";

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

/** Files and folders below a root, which nothing leads out of. */
export class FsBackend implements Backend {
  readonly scheme = "fs";
  readonly able = new Set(ABLE);
  readonly #jail: Jail;

  /** @param root is made if it is not there. @throws {StorageError} when that cannot be. */
  static async open(root: string): Promise<FsBackend> {
    return await attempt("open", root, async () => {
      await Deno.mkdir(root, { recursive: true });
      return new FsBackend(await Jail.at(root));
    });
  }

  private constructor(jail: Jail) {
    this.#jail = jail;
  }

  /** Without symbolic links. */
  get root(): string {
    return this.#jail.root;
  }

  async stat(path: string): Promise<Metadata> {
    const target = await this.#jail.target(path, "stat");
    return await attempt("stat", path, async () => {
      const { isDirectory, size } = await Deno.stat(target);
      return { directory: isDirectory, size };
    });
  }

  async read(path: string, { size = 0 }: Metadata): Promise<Reader> {
    const target = await this.#jail.target(path, "read");
    const file = await attempt("read", path, () => Deno.open(target));
    return {
      size,
      from: (position) => chunksOf(file, position, path),
      close: () => file.close(),
    };
  }

  async write(path: string): Promise<Writer> {
    const target = await this.#jail.target(path, "write");
    const file = await attempt("write", path, async () => {
      await Deno.mkdir(posix.dirname(target), { recursive: true });
      return await Deno.open(target, { write: true, create: true, truncate: true });
    });
    return {
      write: (chunk) => attempt("write", path, () => writeAll(file, chunk)),
      close: () => file.close(),
    };
  }

  async createDirectory(path: string): Promise<void> {
    const target = await this.#jail.target(path, "create_dir");
    await attempt("create_dir", path, () => Deno.mkdir(target, { recursive: true }));
  }

  async delete(path: string): Promise<void> {
    const place = await this.#jail.place(path, "delete");
    if (place === this.root) throw keepsRoot();
    await attempt("delete", path, () => ifThere(Deno.remove(place)));
  }

  /** The root is emptied, but stays. */
  async removeAll(path: string): Promise<void> {
    const place = await this.#jail.place(path, "delete");
    await attempt("delete", path, async () => {
      if (place !== this.root) return await ifThere(Deno.remove(place, { recursive: true }));
      for await (const { name } of Deno.readDir(place)) {
        await Deno.remove(`${place}/${name}`, { recursive: true });
      }
    });
  }

  async copy(source: string, target: string): Promise<void> {
    const from = await this.#jail.target(source, "copy");
    const to = await this.#jail.target(target, "copy");
    await attempt("copy", `${source}' to '${target}`, async () => {
      if (!(await Deno.stat(from)).isFile) throw new Error("the source is not a file");
      await Deno.mkdir(posix.dirname(to), { recursive: true });
      await Deno.copyFile(from, to);
    });
  }

  async rename(source: string, target: string): Promise<void> {
    const from = await this.#jail.place(source, "rename");
    const to = await this.#jail.place(target, "rename");
    if (from === this.root || to === this.root) throw keepsRoot();
    await attempt("rename", `${source}' to '${target}`, async () => {
      await Deno.lstat(from);
      await Deno.mkdir(posix.dirname(to), { recursive: true });
      await Deno.rename(from, to);
    });
  }

  async *list(path: string, recursive: boolean): AsyncGenerator<string> {
    const directory = base(path);
    const target = await this.#jail.target(directory, "list");
    const info = await Deno.stat(target).catch(() => undefined);
    if (!info?.isDirectory) return;
    yield directory;
    yield* this.#below(directory, target, (entry) => recursive && entry.startsWith(rest(path)));
  }

  /** Links are named, but not followed. */
  async *#below(
    directory: string,
    target: string,
    enter: (entry: string) => boolean,
  ): AsyncGenerator<string> {
    for await (const { name, isDirectory } of Deno.readDir(target)) {
      const entry = child(directory, isDirectory ? `${name}/` : name);
      yield entry;
      if (isDirectory && enter(entry)) yield* this.#below(entry, `${target}/${name}`, enter);
    }
  }
}

/** What entries below the base of `path` begin with. */
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

async function writeAll(file: Deno.FsFile, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
}

async function ifThere(action: Promise<void>): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Tells errors of the system as storages do. */
async function attempt<T>(
  operation: string,
  path: string,
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new StorageError(kindOf(error), operation, `'${path}': ${messageOf(error)}`, error);
  }
}

function kindOf(error: unknown): StorageError["kind"] {
  if (error instanceof Deno.errors.NotFound) return "NotFound";
  if (error instanceof Deno.errors.PermissionDenied) return "PermissionDenied";
  if (error instanceof Deno.errors.NotADirectory) return "NotFound";
  return "Unexpected";
}

function keepsRoot(): StorageError {
  return new StorageError("PermissionDenied", "delete", "the root of the storage stays");
}
