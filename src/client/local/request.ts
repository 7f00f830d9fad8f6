/** Requests to an exporter that runs on this host. @module */
import { withDeadline } from "../../base/deadline.ts";
import { groupName, userName } from "../../files/accounts.ts";
import { allOf } from "../../text/enumerate.ts";
import { Code, messageOf } from "../../wire/error.ts";
import { StatusError } from "../../wire/grpc/status.ts";
import {
  formatRequest,
  type LocalIdentity,
  type LocalRequest,
  MAX_LINE,
  parseAnswer,
} from "../../wire/local.ts";
import { readLine } from "../../wire/net/line.ts";

/** An exporter of this host cannot be used; the message is one sentence, with what to do. */
export class LocalExporterError extends StatusError {
  override name = "LocalExporterError";
}

/** A connection after the exporter's answer. */
export interface Answered {
  readonly conn: Deno.Conn;
  readonly identity: LocalIdentity;
  /** Bytes after the answer. */
  readonly rest: Uint8Array;
}

/** Limits of a request. */
export interface RequestBounds {
  readonly signal: AbortSignal;
  /** Longest wait for the answer, in milliseconds. */
  readonly ms?: number;
}

/**
 * Connects to a socket, sends a request and reads the answer.
 *
 * @throws {LocalExporterError} NOT_FOUND if no process listens on the socket, PERMISSION_DENIED if
 *   this user may not connect, UNAVAILABLE if there is no answer, and the exporter's refusal
 * @throws the signal's reason
 */
export async function ask(
  path: string,
  request: LocalRequest,
  { signal, ms }: RequestBounds,
): Promise<Answered> {
  signal.throwIfAborted();
  const conn = await connect(path);
  try {
    await conn.write(new TextEncoder().encode(formatRequest(request)));
    const { line, rest } = await withDeadline(readLine(conn, MAX_LINE), { signal, ms });
    const answer = parseAnswer(line);
    if (!answer) throw new Error(line === "" ? "it closed the connection" : NOT_AN_EXPORTER);
    if ("error" in answer) throw new LocalExporterError(answer.code, answer.error);
    return { conn, identity: answer, rest };
  } catch (error) {
    conn.close();
    signal.throwIfAborted();
    if (error instanceof LocalExporterError) throw error;
    throw new LocalExporterError(Code.UNAVAILABLE, `Cannot use ${path}: ${messageOf(error)}`);
  }
}

const NOT_AN_EXPORTER = "it is not a socket for --exporter; JUMPSTARTER_HOST may name it";

async function connect(path: string): Promise<Deno.Conn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) throw await notPermitted(path);
    const isGone = error instanceof Deno.errors.ConnectionRefused ||
      error instanceof Deno.errors.NotFound;
    const code = isGone ? Code.NOT_FOUND : Code.UNAVAILABLE;
    const reason = isGone ? "no exporter runs there" : messageOf(error);
    throw new LocalExporterError(code, `Cannot connect to ${path}: ${reason}`);
  }
}

/** The error for a user who may not connect; it names those who may, and how to join them. */
export async function notPermitted(path: string): Promise<LocalExporterError> {
  const info = await Deno.lstat(path).catch(() => undefined);
  const owner = info ? await userName(info.uid ?? 0) : "its user";
  const users = [...new Set(["root", owner])];
  const forGroup = info && ((info.mode ?? 0) & 0o020) !== 0;
  const group = forGroup ? await groupName(info.gid ?? 0) : undefined;
  const who = allOf([...users, ...(group ? [`the group ${group}`] : [])]);
  const join = group ? `: sudo usermod -aG ${group} "$USER", and log in again` : ": use sudo";
  return new LocalExporterError(
    Code.PERMISSION_DENIED,
    `Cannot connect to ${path}: only ${who} may use this exporter${join}`,
  );
}
