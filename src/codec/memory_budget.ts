/**
 * Bounds the memory of all decoders together: a header of a few bytes announces a dictionary of
 * gigabytes, and the clients decide how many transfers run at once.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { ResourceExhausted } from "../wire/error.ts";

const MEGABYTE = 1 << 20;
/** Granted whatever the system has left: the window of `zstd --ultra -22`, and as much for others. */
const ALWAYS = 256 * MEGABYTE;
/** Decoders may have the available memory divided by this. */
const DIVISOR = 2;

/** The memory left is too little for one more image, or for the dictionary of this one. */
class MemoryShortage extends ResourceExhausted {
  override name = "MemoryShortage";
}

/** The reservations of the decoders of a process. */
export class MemoryBudget {
  readonly #available: () => number;
  #reserved = 0;

  /** @param available returns the bytes that programs may still allocate */
  constructor(available: () => number = availableMemory) {
    this.#available = available;
  }

  /** The sum of all reservations in bytes. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Reserves `bytes` until the reservation is disposed. @throws {MemoryShortage} */
  reserve(bytes: number): Reservation {
    const reservation = new Reservation((more) => this.#take(more));
    reservation.growTo(bytes);
    return reservation;
  }

  #take(bytes: number): void {
    const wanted = this.#reserved + bytes;
    if (bytes > 0 && wanted > ALWAYS) {
      const limit = Math.max(ALWAYS, this.#available() / DIVISOR);
      if (wanted > limit) throw shortage(bytes, limit - this.#reserved);
    }
    this.#reserved = wanted;
  }
}

/** The memory of one decoder. */
export class Reservation implements Disposable {
  readonly #take: (more: number) => void;
  #bytes = 0;

  /** @param take is called with each difference in bytes, and throws to refuse it */
  constructor(take: (more: number) => void) {
    this.#take = take;
  }

  /** Makes the reservation at least `bytes` large. @throws {MemoryShortage} */
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

function shortage(bytes: number, left: number): MemoryShortage {
  const megabytes = (count: number) => `${Math.max(0, Math.floor(count / MEGABYTE))} MB`;
  return new MemoryShortage(
    `Cannot decompress the image: expected ${megabytes(bytes)} of memory for it, found ` +
      `${megabytes(left)} that can be spared; try again when other transfers have ended, or ` +
      "compress it again with a smaller dictionary, which takes 9 MB: xz -dc IMAGE | xz -6 >NEW, " +
      "zstd -dc --long=31 IMAGE | zstd -19 -o NEW",
  );
}

/** Bytes that the system and the control groups of this process leave to it. */
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

/** The budget of this process. */
export const memoryBudget = new MemoryBudget();
