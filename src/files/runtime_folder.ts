/** The folder for state that outlives the process, but not a restart of the host. @module */
import { firstPlace, type Place } from "./first_place.ts";
import { PrivateFolder } from "./private_folder.ts";

/** For root. It also holds the folders of systemd's units, so other users must be able to enter it. */
export const ROOT_FOLDER = "/run/jumpstarter";

/** What decides which folder is used. */
export interface RuntimeFolderOptions {
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
  /** @default the process's user */
  readonly uid?: number;
  /** Longest path, in bytes. @default no limit */
  readonly maxLength?: number;
  /** Called for each folder that is passed over: another user could change it, or it is not usable. */
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
    runtimeFolders(env, uid),
    (path) => {
      checkLength(path, options.maxLength);
      return PrivateFolder.open(path, path === ROOT_FOLDER ? 0o755 : 0o700);
    },
    (problem, used) => onRefused?.(`${problem}; uses ${used} instead`),
  );
}

function checkLength(path: string, most = Infinity): void {
  const { length } = new TextEncoder().encode(path);
  if (length > most) {
    throw new Error(`expected at most ${most} bytes for a socket, found ${length}`);
  }
}

/** A folder that {@linkcode openRuntimeFolder} may choose. */
export interface RuntimeFolder extends Place {
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
  const xdg = uid === 0 ? "" : env("XDG_RUNTIME_DIR");
  const own: RuntimeFolder = uid === 0
    ? { path: root, isShared: false }
    : xdg
    ? { path: `${xdg}/jumpstarter`, variable: "XDG_RUNTIME_DIR", isShared: false }
    : { path: `/run/user/${uid}/jumpstarter`, isShared: false, optional: true };
  return [
    ...(systemd ? [{ path: systemd, variable: "RUNTIME_DIRECTORY", isShared: false }] : []),
    own,
    { path: `/tmp/jumpstarter-${uid}`, isShared: true },
  ];
}
