/** What the `request` metadata of an inner Stream call asks for. @module */
import { DriverError } from "../wire/error.ts";

/** What the `request` metadata of an inner Stream call may ask for. */
export type StreamTarget =
  | { readonly kind: "driver"; readonly uuid: string; readonly method: string }
  | { readonly kind: "resource"; readonly uuid: string; readonly encoding: string | null };

/**
 * Reads the JSON text that clients put under the metadata key `request`.
 *
 * @throws {DriverError} UNKNOWN, as official exporters answer a malformed request.
 */
export function parseStreamTarget(text: string | undefined): StreamTarget {
  if (text === undefined) {
    throw new DriverError("Cannot open a stream: the metadata key 'request' is missing");
  }
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(text) ?? {};
  } catch {
    throw new DriverError(`Cannot open a stream: 'request' is not JSON: ${text}`);
  }
  const { kind, uuid, method, x_jmp_content_encoding: encoding } = request;
  if (kind === "driver" && typeof uuid === "string" && typeof method === "string") {
    return { kind, uuid, method };
  }
  if (kind === "resource" && typeof uuid === "string") {
    return { kind, uuid, encoding: typeof encoding === "string" ? encoding : null };
  }
  throw new DriverError(
    `Cannot open a stream: expected kind 'driver' with uuid and method or kind 'resource' with ` +
      `uuid, found ${text}`,
  );
}
