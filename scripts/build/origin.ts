/** The commit of the sources that a build is made from. @module */
import { attempt } from "./run.ts";

/** The commit and its time, which all files of a build get. */
export interface Origin {
  readonly commit: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Reads them from the checkout in `root`; a commit with changes on top is marked. */
export async function originOf(root: string): Promise<Origin> {
  const git = (...args: string[]) =>
    attempt(["git", "-C", root, ...args]).catch(() => ({ success: false, stdout: "" }));
  const head = await git("log", "-1", "--format=%h %ct");
  // Sources without git, such as a tarball: the day at least tells builds apart.
  if (!head.success) return { commit: "an unknown commit", time: Math.floor(Date.now() / 1000) };
  const [commit = "", time] = head.stdout.trim().split(" ");
  const changed = (await git("status", "--porcelain", "--untracked-files=no")).stdout.trim();
  return { commit: changed ? `${commit} with changes` : commit, time: Number(time) };
}
