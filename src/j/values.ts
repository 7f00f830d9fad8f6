/** Parsers of the values of options and arguments; their messages are those of click. @module */

/** A value that a parser refuses. The command adds the name of the option or argument. */
export class BadValue extends Error {
  override name = "BadValue";
}

/** Parses an integer. @throws {BadValue} */
export function integer(text: string): number {
  if (!/^\s*[+-]?\d+\s*$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new BadValue(`'${text}' is not a valid integer.`);
  }
  return Number(text);
}

/** Returns a parser of integers from `min` to `max`, or from `min` on. */
export function integerFrom(min: number, max?: number): (text: string) => number {
  const range = max === undefined ? `x>=${min}` : `${min}<=x<=${max}`;
  return (text) => {
    const found = integer(text);
    if (found >= min && found <= (max ?? found)) return found;
    throw new BadValue(`${found} is not in the range ${range}.`);
  };
}

/** Parses a number. @throws {BadValue} */
export function float(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || Number.isNaN(number)) {
    throw new BadValue(`'${text}' is not a valid float.`);
  }
  return number;
}

/** Returns a parser that takes one of `choices`, in upper or lower case. */
export function choice<const T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((known) => known.toLowerCase() === text.toLowerCase());
    if (found !== undefined) return found;
    const expected = choices.map((known) => `'${known}'`).join(", ");
    throw new BadValue(`'${text}' is not one of ${expected}.`);
  };
}

/** The placeholder of an option with choices: `[gzip|xz]`. */
export function choiceFlag(choices: readonly string[]): string {
  return `<[${choices.join("|")}]>`;
}
