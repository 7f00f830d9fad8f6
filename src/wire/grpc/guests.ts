/** How many connections a process keeps, and whose goes when there are too many. @module */
import { fileLimit } from "../../libc/file_limit.ts";

/** A connection, as far as it matters here. */
export interface Guest {
  /** Where it comes from, without what a peer can change by connecting again. */
  readonly host: string;
  /** Whether nothing would be lost with it. */
  readonly idle: boolean;
  /** Ends it, soon. */
  dismiss(): void;
}

/** How many there may be. */
export interface GuestLimits {
  /** Connections on which no call was let in so far. */
  readonly strangers: number;
  /** All connections. */
  readonly all: number;
}

/** Strangers beyond this are no use to anybody. */
const MAX_STRANGERS = 256;

/** The bounds that go with the limit of open files: most of those are for the hardware. */
function limitsOfProcess(): GuestLimits {
  const files = fileLimit().soft;
  const strangers = Math.min(MAX_STRANGERS, Math.max(16, Math.floor(files / 8)));
  return { strangers, all: Math.max(32, Math.floor(files / 2)) };
}

/**
 * The connections of a process. Those on which no call was let in are few: where one more
 * comes, the oldest of the host with the most of them goes. The same holds for all together
 * and those that are idle.
 */
export class Guests {
  readonly #limits: () => GuestLimits;
  /** By host; of each the oldest first. */
  readonly #strangers = new ByHost();
  readonly #known = new ByHost();

  /** @param limits asked each time @default what the limit of open files allows */
  constructor(limits: () => GuestLimits = limitsOfProcess) {
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#strangers.size + this.#known.size;
  }

  /** One more has come. */
  add(guest: Guest): void {
    const { strangers, all } = this.#limits();
    this.#strangers.add(guest);
    if (this.#strangers.size > strangers) this.#dismiss(this.#strangers.oldest());
    if (this.size > all) {
      this.#dismiss(this.#known.oldest(({ idle }) => idle) ?? this.#strangers.oldest());
    }
  }

  /** A call of `guest` was let in. */
  know(guest: Guest): void {
    if (this.#strangers.delete(guest)) this.#known.add(guest);
  }

  /** `guest` has left. */
  delete(guest: Guest): void {
    if (!this.#strangers.delete(guest)) this.#known.delete(guest);
  }

  #dismiss(guest: Guest | undefined): void {
    if (!guest) return;
    this.delete(guest);
    guest.dismiss();
  }
}

/** Guests of hosts. */
class ByHost {
  readonly #hosts = new Map<string, Set<Guest>>();
  size = 0;

  add(guest: Guest): void {
    const guests = this.#hosts.get(guest.host) ?? new Set();
    this.#hosts.set(guest.host, guests.add(guest));
    this.size += 1;
  }

  delete(guest: Guest): boolean {
    const guests = this.#hosts.get(guest.host);
    if (!guests?.delete(guest)) return false;
    if (guests.size === 0) this.#hosts.delete(guest.host);
    this.size -= 1;
    return true;
  }

  /** The oldest that fits, of the host with the most. */
  oldest(fits: (guest: Guest) => boolean = () => true): Guest | undefined {
    const hosts = [...this.#hosts.values()].sort((a, b) => b.size - a.size);
    for (const guests of hosts) {
      for (const guest of guests) if (fits(guest)) return guest;
    }
    return undefined;
  }
}

// The library is loaded now: it could not be where descriptors are missing.
fileLimit();

/** Those of this process. */
export const GUESTS: Guests = new Guests();
