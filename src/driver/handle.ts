/**
 * Handles: references to byte streams in the arguments of a call. The shapes are those of the
 * official package (`jumpstarter.common.resources`).
 *
 * @module
 */
import { z } from "zod";

/** A byte stream between the client and this driver. */
const clientStream = z.object({
  kind: z.literal("client_stream"),
  uuid: z.string(),
  /** The compression of the client's bytes, which drivers read and write uncompressed. */
  x_jmp_content_encoding: z.string().nullish().transform((encoding) => encoding ?? null),
});

/** An HTTP request that the exporter makes on behalf of the client. */
const presignedRequest = z.object({
  kind: z.literal("presigned_request"),
  headers: z.record(z.string(), z.string()),
  url: z.string(),
  method: z.enum(["GET", "PUT"]),
});

/** Checks that an argument is a handle; use it with `withArgs`. */
export const resourceHandle = z.discriminatedUnion("kind", [clientStream, presignedRequest], {
  error: ({ code }) =>
    code === "invalid_union"
      ? undefined
      : "expected a resource handle: an object with kind client_stream or presigned_request",
});

/** @see resourceHandle */
export type ResourceHandle = z.output<typeof resourceHandle>;
/** @see resourceHandle */
export type ClientStreamHandle = z.output<typeof clientStream>;
/** @see resourceHandle */
export type PresignedHandle = z.output<typeof presignedRequest>;
