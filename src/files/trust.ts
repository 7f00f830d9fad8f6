/**
 * Which files and folders are believed: those that nobody but the exporter's user and root can
 * change. Whoever may write a folder may replace what is in it, so the rule holds for every
 * folder on the way as well.
 *
 * @module
 */
import type { FileInfo } from "../libc/files.ts";

/** What the group and others may not do: write. */
const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_GROUP = 0o020;

/** In a sticky folder only owners (and root) rename or remove what is there: `/tmp`. */
const STICKY = 0o1000;

/** A place that somebody else could have changed, and what to do about it. */
export class UnsafePlace extends Error {
  override name = "UnsafePlace";
}

/** What `chown`, `chmod` and the rule look at. */
export type Ownership = Pick<FileInfo, "uid" | "gid" | "mode">;

/** How far the rule goes. */
export interface TrustOptions {
  /** Whether others may add to a folder, as long as what is there stays its owners'. */
  readonly sticky?: boolean;
  /** Whether a group may write that has root's number or the user's own, so usually no other member. */
  readonly ownGroup?: boolean;
  /** One more user who may be the owner: whom sudo was called by. */
  readonly also?: number | undefined;
  /** @default the process's user */
  readonly self?: number;
}

/**
 * What speaks against a place: that it belongs to somebody else or that somebody else may
 * write it; undefined where nothing does.
 *
 * @returns what was expected, what was found, and what to do.
 */
export function distrust(
  place: string,
  { uid, gid, mode }: Ownership,
  { sticky, ownGroup, also, self = Deno.uid() ?? 0 }: TrustOptions = {},
): string | undefined {
  if (uid !== 0 && uid !== self && uid !== also) {
    const wanted = self === 0 ? "root" : `root or to the exporter's user (uid ${self})`;
    return `expected ${place} to belong to ${wanted}, found uid ${uid}; look at what is in it, ` +
      `then run: chown ${self} ${quote(place)}`;
  }
  const isOwn = ownGroup && (gid === 0 || gid === self || gid === also);
  const others = isOwn ? WRITABLE_BY_OTHERS & ~WRITABLE_BY_GROUP : WRITABLE_BY_OTHERS;
  if ((mode & others) === 0 || (sticky && (mode & STICKY) !== 0)) return undefined;
  return `expected that only the owner can write ${place}, found mode ${octal(mode)}; ` +
    `look at what is in it, then run: chmod go-w ${quote(place)}`;
}

/** Permissions as chmod and ls -l readers know them: `0640`. */
export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
