/** Errors of storages, in the form that OpenDAL gives them. @module */
import { DriverError } from "../../src/driver/mod.ts";

/** The kinds that occur here, by OpenDAL's names. */
export type Kind =
  | "ConfigInvalid"
  | "IsADirectory"
  | "IsSameFile"
  | "NotADirectory"
  | "NotFound"
  | "PermissionDenied"
  | "Unexpected"
  | "Unsupported";

/** A storage's refusal: `<kind> (permanent) at <operation> => <what>`. */
export class StorageError extends DriverError {
  override name = "StorageError";
  readonly kind: Kind;

  constructor(kind: Kind, operation: string, what: string, cause?: unknown) {
    const lasting = kind === "Unexpected" ? "temporary" : "permanent";
    super(`${kind} (${lasting}) at ${operation} => ${what}`, cause === undefined ? {} : { cause });
    this.kind = kind;
  }
}

/** The error for an operation that a storage does not support. */
export function unsupported(operation: string, scheme: string, why?: string): StorageError {
  return new StorageError(
    "Unsupported",
    operation,
    why ?? `a storage of scheme '${scheme}' does not support this operation`,
  );
}
