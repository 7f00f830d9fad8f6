/** The files that clients have open in a storage. @module */
import {
  DriverError,
  type DriverLog,
  InvalidArgument,
  type ResourceHandle,
  type Resources,
  type Source,
} from "../../src/driver/mod.ts";
import { FileTable, type OpenFile } from "./file_table.ts";
import type { Reader, Storage } from "./storage.ts";

/** How a file is opened: for reading, or for writing from its beginning. */
export type Mode = "rb" | "wb";

/** Where `file_seek` counts from: the beginning, the position, the end. */
export const FROM = ["start", "position", "end"] as const;

/** The operations of clients on open files, which they identify by uuid ("descriptor"). */
export class OpenFiles implements AsyncDisposable {
  readonly #storage: Storage;
  readonly #table: FileTable;

  constructor(storage: Storage, log: DriverLog) {
    this.#storage = storage;
    this.#table = new FileTable(log);
  }

  /**
   * @param connection the owner of the file, which is closed with it at the latest.
   * @throws {ResourceExhausted} if too many are open.
   */
  async open(path: string, mode: Mode, connection?: AbortSignal): Promise<string> {
    return await this.#table.open(
      path,
      connection,
      async () =>
        mode === "rb"
          ? { reader: await this.#storage.read(path) }
          : { writer: await this.#storage.write(path) },
    );
  }

  /** Sends everything from the position on to the client. */
  async read(fd: string, handle: ResourceHandle, resources: Resources): Promise<void> {
    const file = this.#table.get(fd);
    const reader = this.#reader(file);
    await resources.write(handle, following(reader, file));
  }

  /** Writes everything that the client sends. */
  async write(fd: string, handle: ResourceHandle, resources: Resources): Promise<void> {
    const file = this.#table.get(fd);
    const writer = file.closed === undefined ? file.writer : undefined;
    if (!writer) throw misuse(file, "write to");
    for await (const chunk of await resources.read(handle)) await writer.write(chunk);
  }

  seek(fd: string, offset: number, from: typeof FROM[number]): number {
    const file = this.#table.get(fd);
    const { size } = this.#reader(file);
    if (from === "end" && size === undefined) {
      throw new DriverError(`Cannot seek in '${file.path}' from its end: its size is unknown`);
    }
    const position = offset + (from === "start" ? 0 : from === "end" ? size! : file.position);
    if (position < 0) {
      throw new DriverError(`Cannot seek in '${file.path}': ${position} is before its beginning`);
    }
    return file.position = position;
  }

  tell(fd: string): number {
    const file = this.#table.get(fd);
    this.#reader(file);
    return file.position;
  }

  /** Closes a file; does nothing if it is closed. */
  async close(fd: string): Promise<void> {
    await this.#table.close(fd);
  }

  isClosed(fd: string): boolean {
    return this.#table.get(fd).closed !== undefined;
  }

  isReadable(fd: string): boolean {
    const { reader, closed } = this.#table.get(fd);
    return reader !== undefined && closed === undefined;
  }

  isWritable(fd: string): boolean {
    const { writer, closed } = this.#table.get(fd);
    return writer !== undefined && closed === undefined;
  }

  /** Closes what clients left open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#table[Symbol.asyncDispose]();
  }

  #reader(file: OpenFile): Reader {
    if (file.closed !== undefined || !file.reader) throw misuse(file, "read from");
    return file.reader;
  }
}

/** The bytes from the position on, which advances with them. */
function following(reader: Reader, file: OpenFile): Source {
  const { size } = reader;
  const left = size !== undefined && { size: Math.max(0, size - file.position) };
  return Object.assign(passed(), left);

  async function* passed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of reader.from(file.position)) {
      yield chunk;
      file.position += chunk.length;
    }
  }
}

function misuse({ path, closed, reader }: OpenFile, verb: string): DriverError {
  const state = closed ?? `it was opened for ${reader ? "reading" : "writing"}`;
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
