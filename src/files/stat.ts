/** Information about paths that may not exist. @module */

/** Follows a path; undefined if it leads to nothing, or this user may not look. */
export function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Whether a path leads to something. */
export function exists(path: string): boolean {
  return statOf(path) !== undefined;
}

/** Whether a path is a link, even if that leads to nothing. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}
