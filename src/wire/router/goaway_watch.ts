/** Looks for the end of a byte stream in messages that pass undecoded. @module */
import { FrameType, readFrame } from "./frame.ts";

/** Bytes of the prefix of a message: a flag for compression, and the length. */
const PREFIX = 5;
/** The longest message that is looked into, in bytes: a GOAWAY has no payload. */
const LONGEST = 8;

/** Finds a GOAWAY among the messages of a call, which come in any pieces. */
export class GoawayWatch {
  /** The prefix of the current message, and its body when that is short. */
  readonly #start = new Uint8Array(PREFIX + LONGEST);
  #filled = 0;
  /** Bytes of the current message that are passed over. */
  #skip = 0;
  #seen = false;

  /** Whether a GOAWAY has passed. */
  get seen(): boolean {
    return this.#seen;
  }

  /** Reads bytes; returns whether a GOAWAY has passed, now or before. */
  read(bytes: Uint8Array): boolean {
    let at = 0;
    while (at < bytes.length && !this.#seen) {
      const passed = Math.min(this.#skip, bytes.length - at);
      this.#skip -= passed;
      at += passed;
      if (at < bytes.length) this.#take(bytes[at++]!);
    }
    return this.#seen;
  }

  #take(byte: number): void {
    this.#start[this.#filled++] = byte;
    if (this.#filled < PREFIX) return;
    const length = new DataView(this.#start.buffer).getUint32(1);
    if (length > LONGEST) this.#skip = length;
    else if (this.#filled < PREFIX + length) return;
    else this.#seen = isGoaway(this.#start.subarray(PREFIX, this.#filled));
    this.#filled = 0;
  }
}

function isGoaway(message: Uint8Array): boolean {
  try {
    return readFrame(message).type === FrameType.GOAWAY;
  } catch {
    // Whoever reads the message tells what is wrong with it.
    return false;
  }
}
