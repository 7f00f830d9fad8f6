/** Cuts texts of unknown length to what their reader can take. @module */

/** The cost of a character; a surrogate pair is one character. */
export type Cost = (codePoint: number) => number;

/** UTF-16 units, as `length` counts them. */
const units: Cost = (codePoint) => codePoint > 0xffff ? 2 : 1;

/** Share of the room that the end of the text gets: errors often name the reason there. */
const END = 1 / 4;

/**
 * Returns `text`, or its beginning and its end with a mark between them that tells how many
 * characters were left out. Looks at no more characters than fit.
 *
 * @param room the highest cost of the result; below 50 the mark does not fit.
 * @param cost at least 1 for each character, and 1 for printable ASCII. @default UTF-16 units
 */
export function cut(text: string, room: number, cost: Cost = units): string {
  if (walk(text, room, cost) === text.length) return text;
  const left = (count: number): string => ` ... [${count} characters left out] ... `;
  const share = Math.max(0, room - left(text.length).length);
  const end = walkBack(text, share * END, cost);
  const start = walk(text, share - share * END, cost);
  return text.slice(0, start) + left(end - start) + text.slice(end);
}

/** The index up to which the beginning of `text` fits into `room`. */
function walk(text: string, room: number, cost: Cost): number {
  if (cost === units && text.length <= room) return text.length;
  let at = 0;
  for (let spent = 0; at < text.length;) {
    const codePoint = text.codePointAt(at)!;
    spent += cost(codePoint);
    if (spent > room) break;
    at += units(codePoint);
  }
  return at;
}

/** The index from which on the end of `text` fits into `room`. */
function walkBack(text: string, room: number, cost: Cost): number {
  let at = text.length;
  for (let spent = 0; at > 0;) {
    let before = at - 1;
    if (isLow(text, before) && before > 0 && isHigh(text, before - 1)) before -= 1;
    spent += cost(text.codePointAt(before)!);
    if (spent > room) break;
    at = before;
  }
  return at;
}

function isHigh(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLow(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
