/**
 * The rule of trust: a file or folder is trusted if only the exporter's user and root can change
 * it. A user who may write a folder may replace what is in it, so the rule holds for every
 * folder on the path as well.
 *
 * @module
 */
import type { FileInfo } from "../libc/files.ts";
import { shellWord } from "../text/shell_word.ts";

/** Write permission of the group and of others. */
const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_GROUP = 0o020;

/** In a sticky folder, such as `/tmp`, only its owner (and root) may rename or remove a file. */
const STICKY = 0o1000;

/** A file or folder that another user could have changed; the message says what to do. */
export class UnsafePlace extends Error {
  override name = "UnsafePlace";
}

/** The type, owner and permissions, which the rule depends on. */
export type Ownership = Pick<FileInfo, "type" | "uid" | "gid" | "mode">;

/** Exceptions to the rule. */
export interface TrustOptions {
  /** Whether others may add to a folder that is sticky. */
  readonly sticky?: boolean;
  /** Whether a group may write whose number is root's or the user's own, so usually without other members. */
  readonly ownGroup?: boolean;
  /** One more user who may be the owner: the user who called sudo. */
  readonly also?: number | undefined;
  /** @default the process's user */
  readonly self?: number;
}

/**
 * Explains why a file or folder is not trusted: another user owns it or may write it.
 *
 * @returns what was expected, what was found, and what to do; undefined if it is trusted.
 */
export function distrust(
  place: string,
  { type, uid, gid, mode }: Ownership,
  { sticky, ownGroup, also, self = Deno.uid() ?? 0 }: TrustOptions = {},
): string | undefined {
  if (uid !== 0 && uid !== self && uid !== also) {
    const wanted = self === 0 ? "root" : `root or to the exporter's user (uid ${self})`;
    const chown = type === "link" ? "chown -h" : "chown";
    return `expected ${place} to belong to ${wanted}, found uid ${uid}; look at what is in it, ` +
      `then run: ${chown} ${self} ${shellWord(place)}`;
  }
  // A link has no permissions of its own: its mode is always 0777.
  if (type === "link") return undefined;
  const isOwn = ownGroup && (gid === 0 || gid === self || gid === also);
  const others = isOwn ? WRITABLE_BY_OTHERS & ~WRITABLE_BY_GROUP : WRITABLE_BY_OTHERS;
  const isShared = type === "directory" && (mode & STICKY) !== 0;
  if ((mode & others) === 0 || (sticky && isShared)) return undefined;
  const found = `expected that only the owner can write ${place}, found mode ${octal(mode)}`;
  return isShared
    ? `${found}; use a folder of your own instead`
    : `${found}; look at what is in it, then run: chmod go-w ${shellWord(place)}`;
}

/** Permissions as chmod takes them: `0640`. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
