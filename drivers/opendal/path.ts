/** Paths in a storage: relative to its root, directories with a slash at the end. @module */

/** The root itself. */
export const ROOT = "/";

/**
 * The one way to write a path: without slashes at its beginning or repeated ones. Empty
 * means the root, and only a slash at the end makes a directory of it.
 */
export function normalize(path: string): string {
  const parts = path.trim().split("/").filter((part) => part !== "");
  if (parts.length === 0) return ROOT;
  return parts.join("/") + (path.trim().endsWith("/") ? "/" : "");
}

/** Whether the path says that it is a directory. */
export function isDirectory(path: string): boolean {
  return path.endsWith("/");
}

/**
 * Where to look for what begins with `path`: in it if it is a directory, else in the one
 * that it is in.
 */
export function base(path: string): string {
  if (isDirectory(path)) return path;
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ROOT : path.slice(0, slash + 1);
}

/** The path of something in a directory. */
export function child(directory: string, name: string): string {
  return directory === ROOT ? name : directory + name;
}

/** Whether a listing of `path` has `entry`: what begins with it. */
export function matches(entry: string, path: string): boolean {
  return path === ROOT || entry.startsWith(path);
}
