/** Latin-1 text, the encoding of header fields. @module */

/** As many arguments as a call takes without a stack overflow. */
const CHUNK = 4096;

/** The bytes from `start` to `end` as text, one character each. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    const part = bytes.subarray(at, Math.min(at + CHUNK, end));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}
