/** The Telnet layer of RFC 2217, which separates the bytes of the line from commands. @module */

/** Commands (RFC 854) and options. */
export const TELNET = {
  SE: 240,
  SB: 250,
  WILL: 251,
  WONT: 252,
  DO: 253,
  DONT: 254,
  IAC: 255,
} as const;

/** A command of the other end. */
export type TelnetEvent =
  | { readonly kind: "option"; readonly verb: number; readonly option: number }
  | { readonly kind: "subnegotiation"; readonly bytes: Uint8Array };

/** The content of a piece of the stream. */
export interface Decoded {
  readonly data: Uint8Array;
  readonly events: readonly TelnetEvent[];
}

/** Longest subnegotiation that is kept, in bytes; those of RFC 2217 have at most 6. */
const MAX_SUBNEGOTIATION = 1024;

type State = "data" | "command" | "option" | "sub" | "subCommand";

/** Decodes a stream in pieces of any length. */
export class TelnetDecoder {
  #state: State = "data";
  #verb = 0;
  #sub: number[] = [];

  /** Decodes the next bytes of the stream. */
  push(chunk: Uint8Array): Decoded {
    const data = new Uint8Array(chunk.length);
    const events: TelnetEvent[] = [];
    let length = 0;
    for (const byte of chunk) {
      if (this.#state === "data" && byte !== TELNET.IAC) data[length++] = byte;
      else if (this.#step(byte, events)) data[length++] = byte;
    }
    return { data: data.subarray(0, length), events };
  }

  /** @returns whether the byte belongs to the line. */
  #step(byte: number, events: TelnetEvent[]): boolean {
    switch (this.#state) {
      case "data":
        this.#state = "command";
        return false;
      case "command":
        return this.#command(byte);
      case "option":
        events.push({ kind: "option", verb: this.#verb, option: byte });
        this.#state = "data";
        return false;
      case "sub":
        if (byte === TELNET.IAC) this.#state = "subCommand";
        else this.#keep(byte);
        return false;
      case "subCommand":
        this.#endSub(byte, events);
        return false;
    }
  }

  #command(byte: number): boolean {
    this.#state = "data";
    if (byte === TELNET.IAC) return true;
    if (byte === TELNET.SB) {
      this.#state = "sub";
      this.#sub = [];
    } else if (byte >= TELNET.WILL) {
      this.#verb = byte;
      this.#state = "option";
    }
    return false;
  }

  #endSub(byte: number, events: TelnetEvent[]): void {
    if (byte === TELNET.SE) {
      events.push({ kind: "subnegotiation", bytes: Uint8Array.from(this.#sub) });
      this.#state = "data";
    } else {
      this.#keep(byte);
      this.#state = "sub";
    }
  }

  #keep(byte: number): void {
    if (this.#sub.length < MAX_SUBNEGOTIATION) this.#sub.push(byte);
  }
}

/** Escapes bytes of the line: 255 is sent twice. */
export function escapeIac(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (const byte of bytes) if (byte === TELNET.IAC) count++;
  if (count === 0) return bytes;
  const escaped = new Uint8Array(bytes.length + count);
  let at = 0;
  for (const byte of bytes) {
    escaped[at++] = byte;
    if (byte === TELNET.IAC) escaped[at++] = byte;
  }
  return escaped;
}

/** `IAC SB … IAC SE`. */
export function subnegotiation(option: number, ...bytes: number[]): Uint8Array {
  const body = escapeIac(Uint8Array.from(bytes));
  return Uint8Array.of(TELNET.IAC, TELNET.SB, option, ...body, TELNET.IAC, TELNET.SE);
}
