/** Where an exporter keeps what outlives its process, but not a restart of the host. @module */
import { firstPlace } from "./first_place.ts";
import { PrivateFolder } from "./private_folder.ts";

/** Root's. The folders of systemd's units are in it as well, so that others must get through. */
const ROOTS = "/run/jumpstarter";

/** What the choice depends on. */
export interface RuntimeFolderOptions {
  /** @default the process's environment */
  readonly env?: (name: string) => string | undefined;
  /** @default the process's user */
  readonly uid?: number;
  /** Called with each folder that is passed over because somebody else could change it. */
  readonly onRefused?: (warning: string) => void;
}

/**
 * Opens the first folder that can be had and that only we and root can change: systemd's for
 * this unit; root's in `/run`; the user's runtime folder; one in `/tmp` named after the user.
 *
 * @throws {Error} with what speaks against each, where none is left.
 */
export function openRuntimeFolder(options: RuntimeFolderOptions = {}): PrivateFolder {
  const { env = (name) => Deno.env.get(name), uid = Deno.uid() ?? 0, onRefused } = options;
  return firstPlace(
    candidates(env, uid),
    (path) => PrivateFolder.open(path, path === ROOTS ? 0o755 : 0o700),
    ({ message }, used) => onRefused?.(`${message}; uses ${used} instead`),
  );
}

/** systemd names several folders separated by colons; the first is ours. */
function candidates(env: (name: string) => string | undefined, uid: number): string[] {
  const [systemd] = (env("RUNTIME_DIRECTORY") ?? "").split(":");
  // What sudo leaves of another user's environment is not root's.
  const own = uid === 0 ? ROOTS : `${env("XDG_RUNTIME_DIR") || `/run/user/${uid}`}/jumpstarter`;
  return [...(systemd ? [systemd] : []), own, `/tmp/jumpstarter-${uid}`];
}
