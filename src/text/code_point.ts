/** Characters in messages. @module */

/** The number of the first character of `text` as Unicode writes it: `U+00A0`. */
export function codePoint(text: string): string {
  return `U+${text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}
