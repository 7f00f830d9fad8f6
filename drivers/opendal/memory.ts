/** Storages in memory; they last as long as a lease. @module */
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

/** Keeps files by their paths; a directory is a path that others begin with, or one of its own. */
export class MemoryBackend implements Backend {
  readonly scheme = "memory";
  readonly able = new Set(ABLE);
  readonly #files = new Map<string, Uint8Array>();

  stat(path: string): Promise<Metadata> {
    const file = this.#files.get(path);
    if (file && !isDirectory(path)) return Promise.resolve({ directory: false, size: file.length });
    if (isDirectory(path) && this.#keysBelow(path).length > 0) {
      return Promise.resolve({ directory: true, size: 0 });
    }
    return Promise.reject(new StorageError("NotFound", "stat", `there is no '${path}'`));
  }

  read(path: string): Promise<Reader> {
    const file = this.#files.get(path)!;
    return Promise.resolve({
      size: file.length,
      async *from(position) {
        if (position < file.length) yield file.subarray(position);
      },
      close() {},
    });
  }

  /** The file is there once it is closed. */
  write(path: string): Promise<Writer> {
    const chunks: Uint8Array[] = [];
    return Promise.resolve({
      write: (chunk) => void chunks.push(chunk.slice()),
      close: () => void this.#files.set(path, concat(chunks)),
    });
  }

  createDirectory(path: string): Promise<void> {
    this.#files.set(path, new Uint8Array(0));
    return Promise.resolve();
  }

  delete(path: string): Promise<void> {
    this.#files.delete(path);
    return Promise.resolve();
  }

  removeAll(path: string): Promise<void> {
    this.#files.delete(path);
    for (const key of this.#keysBelow(isDirectory(path) ? path : `${path}/`)) {
      this.#files.delete(key);
    }
    return Promise.resolve();
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

  #keysBelow(directory: string): string[] {
    return [...this.#files.keys()].filter((key) => directory === ROOT || key.startsWith(directory));
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
