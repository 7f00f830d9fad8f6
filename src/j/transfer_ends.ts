/**
 * The local end of a transfer, as a command names it: a file, `-` for standard input or output, or a
 * URL, which the exporter opens itself.
 *
 * @module
 */
import { withDeadline } from "../base/deadline.ts";
import { FileSink, FileSource } from "../client/file.ts";
import type { Context } from "./context.ts";

/** Where a transfer reads. */
export interface Source extends Disposable {
  /** Its name, for people. */
  readonly label: string;
  /** In bytes, where it is known. */
  readonly size?: number | undefined;
  readonly content: AsyncIterable<Uint8Array> | PresignedRequest;
}

/** Where a transfer writes. */
export interface Sink extends Disposable {
  /** Its name, for people. */
  readonly label: string;
  readonly content: ((bytes: AsyncIterable<Uint8Array>) => Promise<void>) | PresignedRequest;
  /** The path of a file that may lack some of the bytes. */
  readonly partialFile?: string | undefined;
  /** Confirms that all bytes were received. */
  complete?(): Promise<void>;
  /** Whether it writes to a terminal. */
  readonly isTerminal?: boolean;
}

/** An HTTP request that the exporter makes, as official exporters take it. */
export interface PresignedRequest {
  readonly kind: "presigned_request";
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly method: "GET" | "PUT";
}

/** Whether `file` is a URL. */
export function isUrl(file: string): boolean {
  return /^https?:\/\//.test(file);
}

/** Opens what `file` names. @throws {Error} naming a file that cannot be read */
export async function openSource(file: string, { input, signal }: Context): Promise<Source> {
  if (isUrl(file)) return { label: file, content: request(file, "GET"), [Symbol.dispose]() {} };
  if (file === "-") return { label: "standard input", content: input, [Symbol.dispose]() {} };
  const source = await untilOpen(FileSource.open(file), signal);
  return {
    label: nameOf(file),
    size: source.size,
    content: source,
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}

/**
 * Opens what `file` names. A file keeps its content until the first byte comes.
 *
 * @throws {Error} naming a file that cannot be written
 */
export async function openSink(file: string, { output, signal }: Context): Promise<Sink> {
  if (isUrl(file)) return { label: file, content: request(file, "PUT"), [Symbol.dispose]() {} };
  if (file === "-") {
    return {
      label: "standard output",
      isTerminal: output.isTerminal,
      async content(bytes) {
        for await (const chunk of bytes) await output.bytes(chunk);
      },
      [Symbol.dispose]() {},
    };
  }
  const sink = await untilOpen(FileSink.open(file), signal);
  return {
    label: nameOf(file),
    content: (bytes) => sink.write(bytes),
    get partialFile() {
      return sink.isPartial ? file : undefined;
    },
    complete: () => sink.complete(),
    [Symbol.dispose]: () => sink[Symbol.dispose](),
  };
}

/** A named pipe opens when another program opens its other end. @throws the signal's reason */
export async function untilOpen<T>(opening: Promise<T>, signal: AbortSignal): Promise<T> {
  return await withDeadline(opening, { signal });
}

function request(url: string, method: "GET" | "PUT"): PresignedRequest {
  return { kind: "presigned_request", headers: {}, url, method };
}

function nameOf(path: string): string {
  return path.split("/").findLast((part) => part !== "") ?? path;
}
