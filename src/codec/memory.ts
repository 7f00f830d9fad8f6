/**
 * Bounds what decoders take: a header of a few bytes announces a dictionary of gigabytes, and
 * the clients decide how many there are at once.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { ResourceExhausted } from "../wire/error.ts";

const MEGABYTE = 1 << 20;
/** Is given whatever the system says: the largest window of zstd, and as much for others. */
const ALWAYS = 256 * MEGABYTE;
/** The part of the memory still free that decoders may have. */
const PART = 2;

/** There is no memory for one more image, or for what this one announces. */
class MemoryShort extends ResourceExhausted {
  override name = "MemoryShort";
}

/** What the decoders of a process have reserved, in bytes. */
export class Memory {
  readonly #available: () => number;
  #reserved = 0;

  /** @param available what programs may still take, in bytes */
  constructor(available: () => number = availableMemory) {
    this.#available = available;
  }

  /** The sum of what is reserved. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves `bytes` until the reservation is disposed. @throws {MemoryShort} */
  reserve(bytes: number): Reservation {
    const reservation = new Reservation((more) => this.#take(more));
    reservation.growTo(bytes);
    return reservation;
  }

  #take(bytes: number): void {
    const wanted = this.#reserved + bytes;
    if (bytes > 0 && wanted > ALWAYS) {
      const limit = Math.max(ALWAYS, this.#available() / PART);
      if (wanted > limit) throw shortage(bytes, limit - this.#reserved);
    }
    this.#reserved = wanted;
  }
}

/** What one decoder has. */
export class Reservation implements Disposable {
  readonly #take: (more: number) => void;
  #bytes = 0;

  /** @param take is told of each difference, and refuses one by throwing */
  constructor(take: (more: number) => void) {
    this.#take = take;
  }

  /** At least `bytes` in all, from now on. @throws {MemoryShort} */
  growTo(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more <= 0) return;
    this.#take(more);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.#take(-this.#bytes);
    this.#bytes = 0;
  }
}

function shortage(bytes: number, left: number): MemoryShort {
  const megabytes = (count: number) => `${Math.max(0, Math.floor(count / MEGABYTE))} MB`;
  return new MemoryShort(
    `Cannot decompress the image: expected ${megabytes(bytes)} of memory for it, found ` +
      `${megabytes(left)} that can be spared; try again when other transfers are through, or ` +
      "compress it with a smaller dictionary (xz -6 takes 9 MB, zstd -19 takes 8 MB)",
  );
}

/** What the system and the control groups of this process leave, in bytes. */
function availableMemory(): number {
  return Math.min(Deno.systemMemoryInfo().available, ...groupLimits());
}

function groupLimits(): number[] {
  const group = /^0::(\/.*)$/m.exec(read("/proc/self/cgroup"))?.[1];
  if (group === undefined) return [];
  const names = group.split("/").filter((name) => name !== "" && name !== "..");
  return names.concat("").map((_, depth) => {
    const folder = ["/sys/fs/cgroup", ...names.slice(0, depth)].join("/");
    const most = Number.parseInt(read(`${folder}/memory.max`));
    return Number.isNaN(most) ? Infinity : most - Number(read(`${folder}/memory.current`));
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** That of this process. */
export const memory = new Memory();
