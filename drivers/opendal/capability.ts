/** The capabilities of storages, by their official names. @module */

const FLAGS = [
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
] as const;

const LIMITS = ["write_multi_max_size", "write_multi_min_size", "write_total_max_size"] as const;

/** A capability of a storage. */
export type Flag = typeof FLAGS[number];

/** The full table, which clients require: `able` is true, the rest is false, limits are unknown. */
export function capabilityTable(able: ReadonlySet<Flag>): Record<string, boolean | null> {
  return Object.fromEntries([
    ...FLAGS.map((flag) => [flag, able.has(flag)]),
    ...LIMITS.map((limit) => [limit, null]),
  ]);
}
