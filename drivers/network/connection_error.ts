/** The errors of connections, with the endpoint, the cause and the remedy. @module */
import { ConnectionFailed, DriverError, messageOf } from "../../src/driver/mod.ts";

/** The error for a failed connection to `where`. */
export function connectionError(where: string, cause: unknown): ConnectionFailed {
  if (cause instanceof DriverError) {
    return new ConnectionFailed(`Cannot connect to ${where}: ${cause.message}`, { cause });
  }
  const { code } = cause as { code?: unknown };
  return new ConnectionFailed(`Cannot connect to ${where}: ${explain(code, cause)}`, { cause });
}

function explain(code: unknown, cause: unknown): string {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `the host name cannot be resolved (${code}); ` +
        "correct it in the driver's config, or check the DNS";
    case "ECONNREFUSED":
      return `expected a server that listens there, found the connection refused (${code}); ` +
        "start the server, or correct the endpoint in the driver's config";
    case "ENOENT":
      return `expected a socket at this path, found nothing (${code}); ` +
        "start the server, or correct the path in the driver's config";
    case "EACCES":
    case "EPERM":
      return `expected access, found permission denied (${code}); ` +
        "give the exporter's user access to this endpoint";
    default:
      return `expected an answer, found ${messageOf(cause)}; check that the other end is up`;
  }
}

/** The error for a connection to `where` that broke while it was used. */
export function lostConnection(where: string, cause: Error): DriverError {
  if (cause instanceof DriverError) return cause;
  const { code } = cause as { code?: unknown };
  const reason = explainLoss(code) ?? messageOf(cause);
  return new ConnectionFailed(`Lost the connection to ${where}: ${reason}; connect again`, {
    cause,
  });
}

function explainLoss(code: unknown): string | undefined {
  switch (code) {
    case "ECONNRESET":
      return `the other end reset it, as servers do that crash or restart (${code})`;
    case "EPIPE":
      return `the other end has closed it (${code})`;
    case "ETIMEDOUT":
      return `the other end no longer answers (${code})`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `there is no route to it any more (${code})`;
    default:
      return undefined;
  }
}
