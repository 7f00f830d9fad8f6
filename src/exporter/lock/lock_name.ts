/**
 * Ensures that one process per exporter runs on a host. Two with the same name would both serve
 * every lease, and the first to stop would unregister the other.
 *
 * The lock is a Unix socket in the abstract namespace, named after the controller, the
 * namespace and the name. All users of a network namespace share it, so root and other users
 * exclude each other; the kernel releases it when the process ends, even if it crashes; children
 * do not inherit it; and there is no file that could be stale or belong to another user. A lock
 * file would not be shared, because each user and each systemd unit has its own folder for such
 * files. The lock does not cover other hosts, or containers with their own network namespace.
 *
 * Any user can take such a name. Therefore its holder is trusted only if it is root, the same
 * user, or knows the exporter's token; a name that another process has taken is skipped with a
 * warning.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { listenerOf, type SocketOwner } from "../../libc/sockets.ts";
import { sleep } from "../../base/sleep.ts";
import { formatEndpoint, parseEndpoint } from "../../wire/net/endpoint.ts";
import { messageOf } from "../../wire/error.ts";
import { ask, NameLock } from "./name_lock.ts";
import { describe, factsOf, howToEnd } from "./process_facts.ts";

/** The exporter whose name is locked. */
export interface NameLockOptions {
  /** `host:port` of the controller. */
  readonly endpoint: string;
  readonly identity: { readonly namespace: string; readonly name: string };
  /** Returns the current token. */
  token(): Promise<string>;
  readonly log: { info(message: string): void; warning(message: string): void };
}

/** Thrown if another process on this host runs the exporter. */
export class NameInUse extends Error {
  override name = "NameInUse";
}

/** Number of names that are tried before the exporter runs without a lock. */
const NAMES = 8;

/** The wait before a process that is shutting down is asked again, in milliseconds. */
const WAIT_MS = 100;

/**
 * Locks the name. Waits while the process that holds it is shutting down.
 *
 * @returns the lock, or undefined if the exporter must run without one.
 * @throws {NameInUse} naming the process that holds it, and the command that stops it.
 */
export async function lockName(options: NameLockOptions): Promise<NameLock | undefined> {
  const { identity: { namespace, name }, log } = options;
  try {
    for (let index = 0; index < NAMES; index++) {
      const held = await take(socketName(options, index), options);
      if (held) return held;
    }
    log.warning(`Other users hold the locks of ${namespace}/${name}; running without a lock`);
  } catch (error) {
    if (error instanceof NameInUse) throw error;
    log.warning(
      `Cannot take the lock of ${namespace}/${name}, a Unix socket: ${messageOf(error)}; ` +
        "running without it: make sure that no other process on this host runs this exporter",
    );
  }
  return undefined;
}

/** Takes the lock `name`; undefined if another process holds it that is not trusted. */
async function take(name: string, options: NameLockOptions): Promise<NameLock | undefined> {
  const { log, identity } = options;
  let waits = false;
  while (true) {
    const held = NameLock.take(name, options.token);
    if (held) return held;
    const owner = listenerOf(name);
    const token = await options.token().catch(() => undefined);
    const answer = token === undefined ? undefined : await ask(name, token);
    // The holder has ended before it was found or before it answered.
    if (!answer && NameLock.isFree(name)) continue;
    // Without a token (if only the unit can read it), this exporter cannot verify the holder, and could
    // not register either.
    if (!answer && token !== undefined && !isTrusted(owner)) {
      const who = describe(await factsOf(owner?.pid ?? 0));
      const user = owner ? ` (user ${owner.uid})` : "";
      log.warning(
        `The lock of ${identity.namespace}/${identity.name} is held by ${who}${user}, which ` +
          "does not know this exporter's token; taking another lock. Stop that process if it is " +
          "unexpected",
      );
      return undefined;
    }
    if (!answer?.leaving) throw await inUse(owner, options);
    if (!waits) {
      log.info(`Waiting for ${describe(await factsOf(owner?.pid ?? 0))}: it is shutting down`);
    }
    waits = true;
    await sleep(WAIT_MS);
  }
}

/** Trusts root and the user of this process: both could stop this exporter anyway. */
function isTrusted(owner: SocketOwner | undefined): boolean {
  return owner !== undefined && (owner.uid === 0 || owner.uid === Deno.uid());
}

async function inUse(owner: SocketOwner | undefined, options: NameLockOptions): Promise<NameInUse> {
  const { identity: { namespace, name }, endpoint } = options;
  const facts = await factsOf(owner?.pid ?? 0);
  return new NameInUse(
    `${namespace}/${name} is already running on this host, for ${endpoint}: ${describe(facts)}. ` +
      `Two exporters of one name would take each other's leases; stop that one first: ` +
      howToEnd(facts),
  );
}

/** Hashes the parts: a socket name has at most 108 bytes, the parts have no such limit. */
function socketName({ endpoint, identity }: NameLockOptions, index: number): string {
  const place = formatEndpoint(parseEndpoint(endpoint)).toLowerCase();
  const triple = JSON.stringify([place, identity.namespace, identity.name]);
  return `jmp-exporter-${createHash("sha256").update(triple).digest("hex").slice(0, 32)}-${index}`;
}
