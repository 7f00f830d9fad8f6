/** Which state of the sources a build is of. @module */
import { attempt } from "./run.ts";

/** The commit and its time, which everything in a build gets. */
export interface Origin {
  readonly commit: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Of the checkout in `root`; sources that differ from the commit say so. */
export async function originOf(root: string): Promise<Origin> {
  const git = (...args: string[]) =>
    attempt(["git", "-C", root, ...args]).catch(() => ({ success: false, stdout: "" }));
  const head = await git("log", "-1", "--format=%h %ct");
  // Sources without git, as from a tarball: at least no two builds a day apart look the same.
  if (!head.success) return { commit: "an unknown commit", time: Math.floor(Date.now() / 1000) };
  const [commit = "", time] = head.stdout.trim().split(" ");
  const changed = (await git("status", "--porcelain", "--untracked-files=no")).stdout.trim();
  return { commit: changed ? `${commit} with changes` : commit, time: Number(time) };
}
