/** The files that clients have open in a storage. @module */
import { randomUUID } from "node:crypto";
import {
  DriverError,
  InvalidArgument,
  type ResourceHandle,
  type Resources,
} from "../../src/driver/mod.ts";
import type { Reader, Storage, Writer } from "./storage.ts";

/** How a file is opened: for reading, or for writing from its beginning. */
export type Mode = "rb" | "wb";

/** Where `file_seek` counts from: the beginning, the position, the end. */
export const FROM = ["start", "position", "end"] as const;

interface OpenFile {
  readonly path: string;
  readonly reader?: Reader;
  readonly writer?: Writer;
  position: number;
  closed: boolean;
}

/** Files by their uuids, which clients call descriptors; closed ones stay known. */
export class OpenFiles implements AsyncDisposable {
  readonly #storage: Storage;
  readonly #files = new Map<string, OpenFile>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  async open(path: string, mode: Mode): Promise<string> {
    const opened = mode === "rb"
      ? { reader: await this.#storage.read(path) }
      : { writer: await this.#storage.write(path) };
    const fd = randomUUID();
    this.#files.set(fd, { path, ...opened, position: 0, closed: false });
    return fd;
  }

  /** Sends everything from the position on to the client. */
  async read(fd: string, handle: ResourceHandle, resources: Resources): Promise<void> {
    const file = this.#get(fd);
    const reader = this.#reader(file);
    await resources.write(handle, following(reader, file));
  }

  /** Writes everything that the client sends. */
  async write(fd: string, handle: ResourceHandle, resources: Resources): Promise<void> {
    const file = this.#get(fd);
    const writer = file.closed ? undefined : file.writer;
    if (!writer) throw misuse(file, "write to");
    for await (const chunk of await resources.read(handle)) await writer.write(chunk);
  }

  seek(fd: string, offset: number, from: typeof FROM[number]): number {
    const file = this.#get(fd);
    const { size } = this.#reader(file);
    if (from === "end" && size === undefined) {
      throw new DriverError(`Cannot seek in '${file.path}' from its end: its size is not known`);
    }
    const position = offset + (from === "start" ? 0 : from === "end" ? size! : file.position);
    if (position < 0) {
      throw new DriverError(`Cannot seek in '${file.path}': ${position} is before its beginning`);
    }
    return file.position = position;
  }

  tell(fd: string): number {
    const file = this.#get(fd);
    this.#reader(file);
    return file.position;
  }

  /** Does nothing more when it is repeated. */
  async close(fd: string): Promise<void> {
    const file = this.#get(fd);
    if (file.closed) return;
    file.closed = true;
    await (file.reader ?? file.writer)?.close();
  }

  isClosed(fd: string): boolean {
    return this.#get(fd).closed;
  }

  isReadable(fd: string): boolean {
    const { reader, closed } = this.#get(fd);
    return reader !== undefined && !closed;
  }

  isWritable(fd: string): boolean {
    const { writer, closed } = this.#get(fd);
    return writer !== undefined && !closed;
  }

  /** Closes what clients left open. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const fd of this.#files.keys()) await this.close(fd);
  }

  #get(fd: string): OpenFile {
    const file = this.#files.get(fd.toLowerCase());
    if (!file) throw new DriverError(`UUID('${fd}') names no file that was opened in this lease`);
    return file;
  }

  #reader(file: OpenFile): Reader {
    if (file.closed || !file.reader) throw misuse(file, "read from");
    return file.reader;
  }
}

async function* following(reader: Reader, file: OpenFile): AsyncGenerator<Uint8Array> {
  for await (const chunk of reader.from(file.position)) {
    yield chunk;
    file.position += chunk.length;
  }
}

function misuse({ path, closed, reader }: OpenFile, verb: string): DriverError {
  const state = closed ? "it was closed" : `it was opened to be ${reader ? "read" : "written"}`;
  return new DriverError(`Cannot ${verb} '${path}': ${state}`);
}

/** @throws {InvalidArgument} unless `whence` is 0, 1 or 2. */
export function fromWhence(whence: number): typeof FROM[number] {
  const from = FROM[whence];
  if (from) return from;
  throw new InvalidArgument(
    `Cannot seek from ${whence}: expected 0 (beginning), 1 (position) or 2 (end)`,
  );
}
