/** The passphrase of direct mode. @module */
import { createHash, timingSafeEqual } from "node:crypto";
import { Code, DriverError } from "../wire/error.ts";
import type { ServerCall } from "../wire/grpc/server_call.ts";

/** The metadata key under which official clients send the passphrase, as plain text. */
const KEY = "x-jumpstarter-passphrase";

class WrongPassphrase extends DriverError {
  override readonly code = Code.UNAUTHENTICATED;
}

/** Refuses every call that does not carry `passphrase`, in constant time. */
export function passphraseGuard(passphrase: string): (call: ServerCall) => void {
  const expected = digest(passphrase);
  return (call) => {
    const given = call.metadata(KEY);
    if (given.length === 1 && timingSafeEqual(digest(given[0]!), expected)) return;
    throw new WrongPassphrase("invalid or missing passphrase");
  };
}

/** Equal lengths, so that the comparison tells nothing of the passphrase's. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
