/** Bytes as text, one character each: what header fields are. @module */

/** Arguments that a function may be applied to without harm to the stack. */
const CHUNK = 4096;

/** The bytes from `start` to `end`. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += CHUNK) {
    const part = bytes.subarray(at, Math.min(at + CHUNK, end));
    text += String.fromCharCode.apply(null, part as unknown as number[]);
  }
  return text;
}
