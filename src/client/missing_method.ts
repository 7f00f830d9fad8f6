/** Recognizes methods that a driver does not have. @module */
import { Code, codeOf } from "../wire/error.ts";

/**
 * Whether a call failed because the driver has no such method. Exporters answer NOT_FOUND, or
 * UNIMPLEMENTED for a driver that does not implement an optional method of its class.
 */
export function isMissingMethod(error: unknown): boolean {
  const code = codeOf(error);
  return code === Code.NOT_FOUND || code === Code.UNIMPLEMENTED;
}
