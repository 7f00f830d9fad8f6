/** Explains why no session answers at an address. @module */
import { Code, messageOf } from "../wire/error.ts";
import { StatusError } from "../wire/grpc/status.ts";
import { ProxyFailed } from "../wire/proxy/failure.ts";
import { TlsFailed } from "../wire/tls/failure.ts";

/** Kinds of problems, for advice. */
export type ConnectProblem =
  /** Nobody serves the address. */
  | "absent"
  /** The peer does not speak TLS. */
  | "no TLS"
  /** The peer closed the connection, or did not answer. */
  | "no answer"
  | "other";

/** A session that cannot be reached; the code is UNAVAILABLE. */
export class ConnectError extends StatusError {
  override name = "ConnectError";

  /**
   * @param where `at PATH`, or the name of the exporter
   * @param reason a clause about what is there
   */
  constructor(where: string, reason: string, readonly problem: ConnectProblem) {
    super(Code.UNAVAILABLE, `Cannot connect to the exporter ${where}: ${reason}`);
  }
}

/** Longest path of a Unix socket, in bytes (unix(7)). */
const MAX_SOCKET_PATH = 107;

/** Why the Unix socket `path` cannot be opened. */
export async function socketError(path: string, error: unknown): Promise<ConnectError> {
  const where = `at ${path}`;
  const bytes = new TextEncoder().encode(path).length;
  if (bytes > MAX_SOCKET_PATH) {
    const reason =
      `the path of a socket has at most ${MAX_SOCKET_PATH} bytes, this one has ${bytes}`;
    return new ConnectError(where, reason, "other");
  }
  if (error instanceof Deno.errors.NotFound) {
    return new ConnectError(where, "there is no such socket", "absent");
  }
  if (!(error instanceof Deno.errors.ConnectionRefused)) return peerError(where, error);
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isDirectory) return new ConnectError(where, "it is a folder, not a socket", "other");
  if (found && !found.isSocket) return new ConnectError(where, "it is not a socket", "other");
  return new ConnectError(where, "no exporter serves this socket any more", "absent");
}

/** Why a connection to the exporter `where` failed. */
export function peerError(where: string, error: unknown): ConnectError {
  if (error instanceof ProxyFailed) return new ConnectError(where, error.message, "other");
  if (error instanceof TlsFailed) return tlsError(where, error);
  const { code } = error as { readonly code?: unknown };
  const said = messageOf(error);
  const [, reason = said, problem = "other"] =
    REASONS.find(([pattern]) => pattern.test(`${code} ${said}`)) ?? [];
  return new ConnectError(where, reason.replace("%", said), problem);
}

function tlsError(where: string, { problem, message }: TlsFailed): ConnectError {
  return problem === "plain"
    ? new ConnectError(where, "it does not speak TLS", "no TLS")
    : new ConnectError(where, message, "other");
}

/** Explanations by the code and message of an error; `%` stands for the message. */
const REASONS: readonly (readonly [RegExp, string, ConnectProblem])[] = [
  [/ECONNREFUSED/, "nobody listens there", "absent"],
  [/ENOTFOUND|failed to lookup/, "the name cannot be resolved", "absent"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no route to it", "absent"],
  [/(FRAME_SIZE|PROTOCOL)_ERROR/, "it does not speak gRPC (%)", "other"],
  [/ connection was closed|ECONNRESET|os error 104/, "it closed the connection", "no answer"],
  [/no answer within/, "%", "no answer"],
];
