/** The folder for state that outlives the process, but not a restart of the host. @module */
import { firstPlace } from "./first_place.ts";
import { PrivateFolder } from "./private_folder.ts";

/** For root. It also holds the folders of systemd's units, so other users must be able to enter it. */
const ROOTS = "/run/jumpstarter";

/** What decides which folder is used. */
export interface RuntimeFolderOptions {
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
  /** @default the process's user */
  readonly uid?: number;
  /** Called for each folder that is passed over because another user could change it. */
  readonly onRefused?: (warning: string) => void;
}

/**
 * Opens the first of these folders that only this user and root can change: systemd's for this
 * unit; root's in `/run`, or the user's runtime folder; one in `/tmp` named after the user.
 *
 * @throws {Error} with the problem of each folder, if none can be used.
 */
export function openRuntimeFolder(options: RuntimeFolderOptions = {}): PrivateFolder {
  const { env = (name) => Deno.env.get(name), uid = Deno.uid() ?? 0, onRefused } = options;
  return firstPlace(
    candidates(env, uid),
    (path) => PrivateFolder.open(path, path === ROOTS ? 0o755 : 0o700),
    ({ message }, used) => onRefused?.(`${message}; uses ${used} instead`),
  );
}

/** systemd may name several folders, separated by colons; the first is used. */
function candidates(env: (name: string) => string | undefined, uid: number): string[] {
  const [systemd] = (env("RUNTIME_DIRECTORY") ?? "").split(":");
  // sudo may keep XDG_RUNTIME_DIR of the calling user, which root must not use.
  const own = uid === 0 ? ROOTS : `${env("XDG_RUNTIME_DIR") || `/run/user/${uid}`}/jumpstarter`;
  return [...(systemd ? [systemd] : []), own, `/tmp/jumpstarter-${uid}`];
}
