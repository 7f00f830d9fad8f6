/** The folder for state that outlives the process, but not a restart of the host. @module */
import { firstPlace } from "./first_place.ts";
import { PrivateFolder } from "./private_folder.ts";

/** For root. It also holds the folders of systemd's units, so other users must be able to enter it. */
export const ROOT_FOLDER = "/run/jumpstarter";

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
    runtimeFolders(env, uid).map(({ path }) => path),
    (path) => PrivateFolder.open(path, path === ROOT_FOLDER ? 0o755 : 0o700),
    ({ message }, used) => onRefused?.(`${message}; uses ${used} instead`),
  );
}

/** A folder that {@linkcode openRuntimeFolder} may choose. */
export interface RuntimeFolder {
  readonly path: string;
  /** Whether any user can create it. */
  readonly isShared: boolean;
}

/** The folders for a user, the best first, which need not exist; `root` is the one of uid 0. */
export function runtimeFolders(
  env: (name: string) => string | undefined,
  uid: number,
  root = ROOT_FOLDER,
): RuntimeFolder[] {
  // systemd may name several folders, separated by colons; the first is used.
  const [systemd] = (env("RUNTIME_DIRECTORY") ?? "").split(":");
  // sudo may keep XDG_RUNTIME_DIR of the calling user, which root must not use.
  const own = uid === 0 ? root : `${env("XDG_RUNTIME_DIR") || `/run/user/${uid}`}/jumpstarter`;
  return [
    ...(systemd ? [{ path: systemd, isShared: false }] : []),
    { path: own, isShared: false },
    { path: `/tmp/jumpstarter-${uid}`, isShared: true },
  ];
}
