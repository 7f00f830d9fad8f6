/**
 * Failures with a gRPC code, for handlers to throw.
 *
 * @module
 */
import { status as Code } from "@grpc/grpc-js";

export { Code };

/** A handler's failure; grpc-js sends `code` and `details`. */
export class RpcError extends Error {
  override name = "RpcError";
  readonly code: Code;
  readonly details: string;

  constructor(code: Code, details: string) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

/** `error` as it is sent; plain errors become UNKNOWN, as in Go. */
export function asRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  return new RpcError(Code.UNKNOWN, error instanceof Error ? error.message : String(error));
}
