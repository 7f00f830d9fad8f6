/** Failures of a connection, with their remedy. @module */
import { ProxyFailed } from "../../wire/proxy/failure.ts";
import { Code, codeOf, ConnectionFailed, DriverError, Timeout } from "../../wire/error.ts";

/**
 * A failure of a request as a driver gets it: one that a broken connection caused becomes a
 * ConnectionFailed, or a Timeout where the kernel gave up; every other stays as it is.
 */
export function connectionFailure(error: unknown): unknown {
  if (!(error instanceof DriverError) || error instanceof Timeout) return error;
  const { message, cause } = error;
  // It has its own.
  if (cause instanceof ProxyFailed) return new ConnectionFailed(message, { cause });
  const advice = adviceFor(cause);
  if (advice === undefined) return error;
  const type = codeOf(cause) === Code.DEADLINE_EXCEEDED ? Timeout : ConnectionFailed;
  return new type(`${message}; ${advice}`, { cause });
}

/** What to do about the cause of a failure; undefined if it is not the connection. */
function adviceFor(cause: unknown): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "correct the host name, or check the DNS";
    case "ECONNREFUSED":
      return "check that the device is on and serves HTTP there, or correct the address";
    case "ECONNRESET":
    case "EPIPE":
      return "the other end closed the connection; try again, or restart the device";
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return "check that the device is on, and the network between";
    default:
      return undefined;
  }
}
