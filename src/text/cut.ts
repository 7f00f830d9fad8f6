/** Texts that came from somewhere else, cut to what their reader can take. @module */

/** What a character costs; a surrogate pair is one character. */
export type Cost = (codePoint: number) => number;

/** UTF-16 units, which `length` counts as well. */
const units: Cost = (codePoint) => codePoint > 0xffff ? 2 : 1;

/** Of the room that a cut text has, its end gets this part: errors say there what is wrong. */
const END = 1 / 4;

/**
 * `text`, or its beginning and its end with the number of characters between that were
 * left out. Looks at no more characters than there is room for.
 *
 * @param room what the result may cost; below 50 there is no room for a mark.
 * @param cost of a character; at least 1, and 1 for printable ASCII
 */
export function cut(text: string, room: number, cost: Cost = units): string {
  if (walk(text, room, cost) === text.length) return text;
  const left = (count: number): string => ` ... [${count} characters left out] ... `;
  const share = Math.max(0, room - left(text.length).length);
  const end = walkBack(text, share * END, cost);
  const start = walk(text, share - share * END, cost);
  return text.slice(0, start) + left(end - start) + text.slice(end);
}

/** How far from the start one comes for `room`. */
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

/** The same from the end. */
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
