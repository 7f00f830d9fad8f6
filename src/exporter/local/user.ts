/** A person or a program on the host of an exporter. @module */
import { userName } from "../../files/accounts.ts";
import type { SocketOwner } from "../../libc/sockets.ts";

/** As logs name it: `local user pi (uid 1000)`. */
export async function describeUser(owner: SocketOwner | undefined): Promise<string> {
  if (!owner) return "an unknown local user";
  const name = await userName(owner.uid);
  return name === String(owner.uid)
    ? `local user with uid ${name}`
    : `local user ${name} (uid ${owner.uid})`;
}
