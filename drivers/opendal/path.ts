/** Paths in a storage: relative to its root, directories with a slash at the end. @module */

/** The root itself. */
export const ROOT = "/";

/**
 * Normalizes a path: no leading or repeated slashes. The empty path is the root; only a slash at
 * the end denotes a directory.
 */
export function normalize(path: string): string {
  const parts = path.trim().split("/").filter((part) => part !== "");
  if (parts.length === 0) return ROOT;
  return parts.join("/") + (path.trim().endsWith("/") ? "/" : "");
}

/** Whether the path denotes a directory. */
export function isDirectory(path: string): boolean {
  return path.endsWith("/");
}

/**
 * The directory of the entries that begin with `path`: itself if it is a directory, else its
 * parent.
 */
export function base(path: string): string {
  if (isDirectory(path)) return path;
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ROOT : path.slice(0, slash + 1);
}

/** The path of an entry of a directory. */
export function child(directory: string, name: string): string {
  return directory === ROOT ? name : directory + name;
}

/** Whether a listing of `path` includes `entry`: it must begin with `path`. */
export function matches(entry: string, path: string): boolean {
  return path === ROOT || entry.startsWith(path);
}
