/** The list of all attacks. @module */
import type { Attack } from "./attack.ts";
import { doors } from "./doors.ts";
import { frames } from "./frames.ts";
import type { HostAttack } from "./host.ts";
import { images } from "./images.ts";
import { leases } from "./leases.ts";
import { messages } from "./messages.ts";
import { names } from "./names.ts";
import { neighbours } from "./neighbours.ts";
import { swappedFolders } from "./race.ts";
import { strangers } from "./strangers.ts";

/** The attacks of clients, in the order in which they run. */
export const attacks: readonly Attack[] = [
  ...messages,
  ...frames,
  ...strangers,
  swappedFolders,
  ...images,
];

/** The attacks from the host. */
export const hostAttacks: readonly HostAttack[] = [
  ...neighbours,
  ...doors,
  ...names,
  ...leases,
];
