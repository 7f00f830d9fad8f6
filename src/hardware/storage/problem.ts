/** The errors of transfers, with advice. @module */
import { getSystemErrorMap } from "node:util";
import { Code, codeOf, DriverError, messageOf } from "../../wire/error.ts";
import { ImageFailed } from "./blocks.ts";
import { megabytes } from "./progress.ts";

/** A transfer that failed. */
export class StorageError extends DriverError {
  override name = "StorageError";
  override readonly code: Code;

  constructor(
    message: string,
    code: Code,
    /** Bytes that were transferred for certain. */
    readonly bytes: number,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.code = code;
  }
}

/** The state of a transfer that fails. */
export interface Situation {
  /** `write to`, `read` */
  readonly verb: string;
  readonly path: string;
  readonly kind: "device" | "file";
  readonly bytes: number;
  /** Whether data may have been transferred. */
  readonly begun: boolean;
  /** Whether the medium was removed. */
  readonly gone: boolean;
  /** Whether it was aborted by its signal. */
  readonly cancelled: boolean;
}

/** The symbolic errno of a system error: `EIO`; undefined for other errors. */
export function errnoOf(error: unknown): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === "string" && /^E[A-Z0-9]+$/.test(code)) return code;
  const [, number] = /\(os error (\d+)\)/.exec(String(message)) ?? [];
  return number && getSystemErrorMap().get(-Number(number))?.[0];
}

/** Makes the error of a transfer from that which interrupted it. */
export function transferProblem(error: unknown, situation: Situation): StorageError {
  if (error instanceof StorageError) return error;
  const { verb, path, bytes, begun } = situation;
  const after = bytes > 0 ? ` after ${megabytes(bytes)}` : "";
  const rest = begun && verb !== "read" ? "; it does not hold the whole image now" : "";
  const [code, text] = diagnose(error, situation);
  return new StorageError(`Cannot ${verb} ${path}${after}: ${text}${rest}`, code, bytes, error);
}

function diagnose(error: unknown, situation: Situation): [Code, string] {
  if (situation.cancelled) return [Code.CANCELLED, `it was cancelled: ${messageOf(error)}`];
  if (error instanceof ImageFailed) {
    const found = messageOf(error.cause);
    return [codeOf(error.cause), `expected the rest of the image, found an error of it: ${found}`];
  }
  const errno = errnoOf(error);
  if (!errno) return [codeOf(error), messageOf(error)];
  return [Code.INTERNAL, explain(errno, situation)];
}

function explain(errno: string, { verb, kind, gone }: Situation): string {
  if (gone) {
    return `expected the ${kind} to stay, found it gone (${errno}); ` +
      "check its plug, its power and whether a mux was switched";
  }
  switch (errno) {
    case "EACCES":
      return `expected permission for user ${Deno.uid() ?? "?"}, found none (${errno}); ` +
        "let a udev rule give it to a group that the exporter's user is in";
    case "EROFS":
    case "EPERM":
      return `expected to write to it, found it read-only or protected (${errno}); ` +
        "move the write-protect switch of the card, or use another one";
    case "ENOSPC":
    case "EDQUOT":
    case "EFBIG":
      return `expected room for the whole image, found the ${
        kind === "file" ? "file system" : kind
      } full (${errno}); ` + "make room, or use a larger one";
    case "EBUSY":
    case "ETXTBSY":
      return `expected exclusive access, found it in use (${errno}); end what uses it first`;
    default:
      return `expected the ${kind} to ${verb === "read" ? "give" : "take"} its data, ` +
        `found an error of it (${errno}); see the kernel's log, and try another medium or cable`;
  }
}

/** The error of a device that is in use, and must not be written. */
export function inUse(path: string, users: readonly string[]): StorageError {
  const message = `Cannot write to ${path}: expected a device that nobody uses, ` +
    `found it ${users.join(", ")}; unmount or release it first`;
  return new StorageError(message, Code.INTERNAL, 0);
}

/**
 * The error of an image of 0 bytes: what made it has failed, and nobody should believe that the
 * medium holds it.
 *
 * @param emptyKey the config key that accepts one
 */
export function empty(
  { path, emptyKey }: { readonly path: string; readonly emptyKey?: string | undefined },
): StorageError {
  const asked = emptyKey === undefined ? "" : `, or set '${emptyKey}: true' if it is meant`;
  const message =
    `Cannot write to ${path}: expected an image, found an empty one of 0 bytes, and ` +
    `left the medium as it was; check the file and what has made it${asked}`;
  return new StorageError(message, Code.INVALID_ARGUMENT, 0);
}

/** The error of an image that is larger than the medium. */
export function tooLarge(path: string, size: number, bytes: number, image?: number): StorageError {
  const found = image === undefined ? "a larger one" : `one of ${image} bytes`;
  const message = `Cannot write to ${path}: expected an image of at most ${size} bytes ` +
    `(${megabytes(size)}), found ${found}; use a larger medium or a smaller image`;
  return new StorageError(message, Code.INTERNAL, bytes);
}
