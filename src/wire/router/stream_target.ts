/**
 * What an inner RouterService.Stream call asks for, in its metadata: the byte stream of a driver,
 * or to offer bytes of the client as a resource for driver calls.
 *
 * @module
 */
import { DriverError } from "../error.ts";

/** The metadata key of the request, whose value is JSON. */
export const REQUEST_KEY = "request";
/** The metadata key of the answer to an offer: a {@linkcode ClientStreamHandle} as JSON. */
export const RESOURCE_KEY = "resource";
/** The metadata key of the encoding that the exporter accepts; its value is empty for none. */
export const ACCEPT_ENCODING_KEY = "x_jmp_accept_encoding";

/** What a call asks for. */
export type StreamTarget =
  | { readonly kind: "driver"; readonly uuid: string; readonly method: string }
  | { readonly kind: "resource"; readonly uuid: string; readonly encoding: string | null };

/** Names an offered resource; clients pass it as an argument of a driver call. */
export interface ClientStreamHandle {
  readonly kind: "client_stream";
  readonly uuid: string;
  readonly x_jmp_content_encoding: string | null;
}

/** The metadata of a call for `target`. */
export function formatStreamTarget(target: StreamTarget): string {
  if (target.kind === "driver") return JSON.stringify(target);
  const { kind, uuid, encoding } = target;
  return JSON.stringify({ kind, uuid, x_jmp_content_encoding: encoding });
}

/**
 * Reads the metadata of a call.
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
