/** Creates the local socket of an exporter, for the group that may use it. @module */
import { groupNumber } from "../../files/accounts.ts";
import { openRuntimeFolder, type RuntimeFolderOptions } from "../../files/runtime_folder.ts";
import { listenPrivately, removeStaleSocket } from "../../files/socket.ts";
import { MAX_ADDRESS } from "../../libc/sockets.ts";
import { type LocalIdentity, socketName } from "../../wire/local.ts";

/** The group whose members may use the exporters of a host, unless JMP_LOCAL_GROUP names another. */
const GROUP = "jumpstarter-users";

/** Environment and user that decide on the folder and the group. */
export type ListenLocallyOptions = Pick<RuntimeFolderOptions, "env" | "uid"> & {
  warn(message: string): void;
};

/** A socket in the runtime folder. */
export interface ListeningSocket {
  readonly listener: Deno.UnixListener;
  readonly path: string;
}

/**
 * Listens in the runtime folder, for this user, root and the group.
 *
 * @throws {Error} if there is no folder, if another process serves the socket, or if its path is
 *   too long.
 */
export async function listenLocally(
  identity: LocalIdentity,
  { warn, ...where }: ListenLocallyOptions,
): Promise<ListeningSocket> {
  const name = socketName(identity);
  using folder = openRuntimeFolder({ ...where, maxLength: MAX_ADDRESS - name.length - 1 });
  const path = `${folder.path}/${name}`;
  await removeStaleSocket(path);
  const { env = (name) => Deno.env.get(name) } = where;
  const named = env("JMP_LOCAL_GROUP");
  const group = await groupNumber(named || GROUP);
  if (named && group === undefined) warn(`JMP_LOCAL_GROUP: there is no group '${named}'`);
  try {
    return { listener: listenPrivately(path, { group }), path };
  } catch (error) {
    if (group === undefined || !(error instanceof Deno.errors.PermissionDenied)) throw error;
    // A user other than root can only give a file to a group of which it is a member.
    if (named) warn(`JMP_LOCAL_GROUP: this process is not in the group '${named}'`);
    return { listener: listenPrivately(path), path };
  }
}
