/** Presigned requests for tests. @module */
import type { PresignedHandle } from "../../driver/handle.ts";
import { CallResources } from "../../tree/call_resources.ts";
import { ClientStreams } from "../../tree/client_streams.ts";
import type { Value } from "../../wire/value.ts";

/** A request for the bytes of an address. */
export const get = (url: string, headers: Record<string, string> = {}): PresignedHandle => ({
  kind: "presigned_request",
  method: "GET",
  url,
  headers,
});
/** A request to store bytes at an address. */
export const put = (url: string, headers: Record<string, string> = {}): PresignedHandle => ({
  ...get(url, headers),
  method: "PUT",
});

/** The resources of a call. */
export function call(): CallResources {
  const { signal } = new AbortController();
  return new CallResources(new ClientStreams(), [] as Value[], signal, { warning() {} });
}

/** All bytes as text. */
export async function text(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(bytes)).toString();
}

/** Each text as a chunk. */
export async function* chunks(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await Promise.resolve(new TextEncoder().encode(part));
}
