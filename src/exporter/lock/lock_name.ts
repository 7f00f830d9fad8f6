/**
 * Ensures one process per exporter on a host. Two of one name would both take every lease, and
 * the first to leave would unregister the other.
 *
 * The lock is a Unix socket in the abstract namespace, named after the controller, the
 * namespace and the name. All users of a network namespace see it, so root and others exclude
 * each other; the kernel releases it when the process ends, however that happens; children
 * do not inherit it; and there is no file that could be stale or belong to somebody else. A
 * lock on a file would not be shared: each user, and each systemd unit, has a folder of its
 * own for such files. This lock does not see other hosts, and containers with a network of
 * their own.
 *
 * Anyone can take such a name. So its holder is trusted only when it is root, the same user,
 * or knows the exporter's token; a name that anybody else has taken is skipped with a warning.
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
  /** The token as it is now. */
  token(): Promise<string>;
  readonly log: { info(message: string): void; warning(message: string): void };
}

/** Another process of this host runs the exporter. */
export class NameInUse extends Error {
  override name = "NameInUse";
}

/** How many names are tried before the exporter runs without a lock. */
const NAMES = 8;

/** The wait before a process that is shutting down is asked again, in milliseconds. */
const WAIT_MS = 100;

/**
 * Takes the name, waiting for a process that has it and is shutting down.
 *
 * @throws {NameInUse} naming the process that has it, and how to end it.
 */
export async function lockName(options: NameLockOptions): Promise<NameLock | undefined> {
  const { identity: { namespace, name }, log } = options;
  try {
    for (let index = 0; index < NAMES; index++) {
      const held = await take(socketName(options, index), options);
      if (held) return held;
    }
    log.warning(`Other users have taken the locks of ${namespace}/${name}: running without one`);
  } catch (error) {
    if (error instanceof NameInUse) throw error;
    log.warning(
      `Cannot take the lock of ${namespace}/${name}, a Unix socket: ${messageOf(error)}; goes on ` +
        "without one: see that nothing else runs it here",
    );
  }
  return undefined;
}

/** The lock, or undefined where its holder is not trusted. */
async function take(name: string, options: NameLockOptions): Promise<NameLock | undefined> {
  const { log, identity } = options;
  let waits = false;
  while (true) {
    const held = NameLock.take(name, options.token);
    if (held) return held;
    const owner = listenerOf(name);
    const token = await options.token().catch(() => undefined);
    const answer = token === undefined ? undefined : await ask(name, token);
    // The holder has ended in between, before it was looked at or before it answered.
    if (!answer && NameLock.isFree(name)) continue;
    // Without a token, as outside of the unit that has it, nothing could be done with the name.
    if (!answer && token !== undefined && !isTrusted(owner)) {
      const who = describe(await factsOf(owner?.pid ?? 0));
      const user = owner ? ` (user ${owner.uid})` : "";
      log.warning(
        `The lock of ${identity.namespace}/${identity.name} is taken by ${who}${user}, which ` +
          "does not know this exporter's token: takes another; end it if nobody knows what it is",
      );
      return undefined;
    }
    if (!answer?.leaving) throw await inUse(owner, options);
    if (!waits) {
      log.info(`Waits for ${describe(await factsOf(owner?.pid ?? 0))}: it is shutting down`);
    }
    waits = true;
    await sleep(WAIT_MS);
  }
}

/** Root and whoever runs this process could end it as well. */
function isTrusted(owner: SocketOwner | undefined): boolean {
  return owner !== undefined && (owner.uid === 0 || owner.uid === Deno.uid());
}

async function inUse(owner: SocketOwner | undefined, options: NameLockOptions): Promise<NameInUse> {
  const { identity: { namespace, name }, endpoint } = options;
  const facts = await factsOf(owner?.pid ?? 0);
  return new NameInUse(
    `${namespace}/${name} runs on this host already, at ${endpoint}: ${describe(facts)}. Two ` +
      "would take each other's leases; end that one first: " + howToEnd(facts),
  );
}

/** 108 bytes at most; endpoint, namespace and name have no such bound. */
function socketName({ endpoint, identity }: NameLockOptions, index: number): string {
  const place = formatEndpoint(parseEndpoint(endpoint)).toLowerCase();
  const triple = JSON.stringify([place, identity.namespace, identity.name]);
  return `jmp-exporter-${createHash("sha256").update(triple).digest("hex").slice(0, 32)}-${index}`;
}
