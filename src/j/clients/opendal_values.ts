/**
 * The values of storages as the official client prints them: with the keys of its models, in their
 * order. On the wire they have none.
 *
 * @module
 */
import type { Value } from "../../wire/value.ts";

/** The keys of a value; an inner shape, or the key on the wire, where they differ. */
export type Shape = readonly (string | readonly [key: string, inner: Shape | string])[];

/** `Metadata` */
export const METADATA: Shape = [
  "content_disposition",
  "content_length",
  "content_md5",
  "content_type",
  "etag",
  ["mode", [["is_file", "entry_is_file"], ["is_dir", "entry_is_dir"]]],
];

/** `PresignedRequest` */
export const PRESIGNED_REQUEST: Shape = ["url", "method", "headers"];

/** `Capability` */
export const CAPABILITY: Shape = [
  "stat",
  "stat_with_if_match",
  "stat_with_if_none_match",
  "read",
  "read_with_if_match",
  "read_with_if_none_match",
  "read_with_override_cache_control",
  "read_with_override_content_disposition",
  "read_with_override_content_type",
  "write",
  "write_can_multi",
  "write_can_empty",
  "write_can_append",
  "write_with_content_type",
  "write_with_content_disposition",
  "write_with_cache_control",
  "write_multi_max_size",
  "write_multi_min_size",
  "write_total_max_size",
  "create_dir",
  "delete",
  "copy",
  "rename",
  "list",
  "list_with_limit",
  "list_with_start_after",
  "list_with_recursive",
  "presign",
  "presign_read",
  "presign_stat",
  "presign_write",
  "shared",
  "blocking",
];

/** `value` with the keys of `shape`, and no others. */
export function shaped(value: Value, shape: Shape): Value {
  const fields = (value ?? {}) as Readonly<Record<string, Value>>;
  return Object.fromEntries(shape.map((field): [string, Value] => {
    if (typeof field === "string") return [field, fields[field] ?? null];
    const [key, inner] = field;
    if (typeof inner === "string") return [key, fields[inner] ?? null];
    return [key, shaped(fields[key] ?? null, inner)];
  }));
}
