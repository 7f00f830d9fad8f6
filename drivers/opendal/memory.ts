/** Storages in memory, which last as long as a lease. @module */
import { concat } from "../../src/base/bytes.ts";
import type { Flag } from "./capability.ts";
import { base, isDirectory, ROOT } from "./path.ts";
import { StorageError } from "./problem.ts";
import type { Backend, Metadata, Reader, Writer } from "./storage.ts";

const ABLE: readonly Flag[] = [
  "stat",
  "read",
  "write",
  "write_can_empty",
  "create_dir",
  "delete",
  "list",
  "list_with_recursive",
  "blocking",
];

/** The memory that a file uses besides its content and its path, in bytes. */
const FILE_COST = 512;

/**
 * The content of a file, shared by its path and its readers. It counts as used memory until the
 * last of them releases it.
 */
class Content {
  users = 1;

  constructor(readonly bytes: Uint8Array, readonly cost: number) {}
}

/** Stores files by path. A directory is a stored path of its own, or a prefix of others. */
export class MemoryBackend implements Backend {
  readonly scheme = "memory";
  readonly able = new Set(ABLE);
  readonly #files = new Map<string, Content>();
  readonly #max: number;
  #used = 0;

  /** @param max how much memory it may use, in bytes. */
  constructor(max = mostMemory()) {
    this.#max = max;
  }

  stat(path: string): Promise<Metadata> {
    const file = this.#files.get(path);
    if (file && !isDirectory(path)) {
      return Promise.resolve({ directory: false, size: file.bytes.length });
    }
    if (isDirectory(path) && this.#keysBelow(path).length > 0) {
      return Promise.resolve({ directory: true, size: 0 });
    }
    return Promise.reject(new StorageError("NotFound", "stat", `there is no '${path}'`));
  }

  read(path: string): Promise<Reader> {
    const file = this.#files.get(path)!;
    file.users++;
    return Promise.resolve({
      size: file.bytes.length,
      async *from(position) {
        if (position < file.bytes.length) yield file.bytes.subarray(position);
      },
      close: () => this.#release(file),
    });
  }

  /** The file exists once it is closed. */
  write(path: string): Promise<Writer> {
    const chunks: Uint8Array[] = [];
    let taken = costOf(path);
    this.#take(taken, "write");
    return Promise.resolve({
      write: (chunk) => {
        this.#take(chunk.length, "write");
        taken += chunk.length;
        chunks.push(chunk.slice());
      },
      close: () => this.#put(path, new Content(concat(chunks), taken)),
      abandon: () => {
        chunks.splice(0);
        this.#used -= taken;
      },
    });
  }

  createDirectory(path: string): Promise<void> {
    this.#take(costOf(path), "create_dir");
    this.#put(path, new Content(new Uint8Array(0), costOf(path)));
    return Promise.resolve();
  }

  delete(path: string): Promise<void> {
    const file = this.#files.get(path);
    this.#files.delete(path);
    if (file) this.#release(file);
    return Promise.resolve();
  }

  async removeAll(path: string): Promise<void> {
    await this.delete(path);
    for (const key of this.#keysBelow(isDirectory(path) ? path : `${path}/`)) {
      await this.delete(key);
    }
  }

  async *list(path: string, recursive: boolean): AsyncGenerator<string> {
    const directory = base(path);
    const start = directory === ROOT ? 0 : directory.length;
    const entries = this.#keysBelow(directory).map((key) => {
      const slash = key.indexOf("/", start);
      return recursive || key === ROOT || slash < 0 ? key : key.slice(0, slash + 1);
    });
    yield* new Set(entries.sort());
  }

  #put(path: string, content: Content): void {
    const before = this.#files.get(path);
    this.#files.set(path, content);
    if (before) this.#release(before);
  }

  #take(bytes: number, operation: string): void {
    if (this.#used + bytes > this.#max) {
      throw new StorageError(
        "Unexpected",
        operation,
        `the storage may use at most ${this.#max} bytes of the exporter's memory; ` +
          "delete something, or use scheme fs",
      );
    }
    this.#used += bytes;
  }

  #release(content: Content): void {
    if (--content.users === 0) this.#used -= content.cost;
  }

  #keysBelow(directory: string): string[] {
    return [...this.#files.keys()].filter((key) => directory === ROOT || key.startsWith(directory));
  }
}

function costOf(path: string): number {
  return FILE_COST + 2 * path.length;
}

/** A quarter of the host's memory, but at most 1 GiB. */
function mostMemory(): number {
  return Math.min(2 ** 30, Deno.systemMemoryInfo().total / 4);
}
