/** The bytes of a config as text. @module */

/** The first bytes of files that are no text, or text in another encoding. */
const SIGNATURES: readonly [bytes: readonly number[], what: string][] = [
  [[0xff, 0xfe, 0, 0], "UTF-32 text"],
  [[0, 0, 0xfe, 0xff], "UTF-32 text"],
  [[0xff, 0xfe], "UTF-16 text"],
  [[0xfe, 0xff], "UTF-16 text"],
  [[0x1f, 0x8b], "a gzip file; unpack it"],
  [[0x28, 0xb5, 0x2f, 0xfd], "a zstd file; unpack it"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "an xz file; unpack it"],
  [[0x50, 0x4b, 3, 4], "a ZIP file; unpack it"],
  [[0x7f, 0x45, 0x4c, 0x46], "a program (ELF)"],
  [[0x89, 0x50, 0x4e, 0x47], "an image (PNG)"],
  [[0x25, 0x50, 0x44, 0x46], "a PDF document"],
];

/** Text that cannot be decoded; the message follows the file's name: `it is UTF-16 text; …`. */
export class Undecodable extends Error {
  override name = "Undecodable";
}

/** Decodes UTF-8, with or without a byte order mark. @throws {Undecodable} for other bytes. */
export function decodeText(bytes: Uint8Array): string {
  const signature = SIGNATURES.find(([start]) => start.every((byte, at) => bytes[at] === byte));
  if (signature) throw new Undecodable(`it is ${signature[1]}${saveAdvice(signature[1])}`);
  const zeros = [0, 1].map((odd) => alternateZeros(bytes, odd));
  if (zeros.some(Boolean)) throw new Undecodable(`it is UTF-16 text${saveAdvice("UTF-16 text")}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new Undecodable(badByte(bytes));
    throw error;
  }
}

function saveAdvice(what: string): string {
  return what.endsWith("text") ? "; save it as UTF-8" : "";
}

/** Whether every second byte of the beginning is 0, as in ASCII that is encoded as UTF-16. */
function alternateZeros(bytes: Uint8Array, odd: number): boolean {
  const start = bytes.subarray(0, 64);
  return start.length >= 4 && start.every((byte, at) => (byte === 0) === (at % 2 === odd));
}

/** The line and column of the first byte that is not UTF-8, and its meaning in Windows-1252. */
function badByte(bytes: Uint8Array): string {
  const valid = validPrefix(bytes);
  const lines = valid.split("\n");
  const at = `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
  const offset = new TextEncoder().encode(valid).length;
  const byte = bytes[offset]!;
  const hex = `0x${byte.toString(16).toUpperCase()}`;
  const char = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
  const guess = decodes(bytes)
    ? "the file may be cut off"
    : /[\p{L}\p{S}\p{P}]/u.test(char)
    ? `it would be '${char}' in Latin-1 or Windows-1252`
    : "it may be no text at all";
  return `it is not UTF-8 text: the byte ${hex} in ${at} is invalid (${guess}); save it as UTF-8`;
}

/** The text before the first invalid byte, found by halving. */
function validPrefix(bytes: Uint8Array): string {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodes(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return new TextDecoder("utf-8").decode(bytes.subarray(0, low), { stream: true });
}

/** Whether bytes are UTF-8, of which the last character may be incomplete. */
function decodes(bytes: Uint8Array): boolean {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }) !== undefined;
  } catch {
    return false;
  }
}
