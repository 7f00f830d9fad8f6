/** Lists of words in a sentence. @module */

/** `a`, `a or b`, `a, b or c`. */
export function oneOf(choices: readonly string[]): string {
  return enumerate(choices, "or");
}

/** `a`, `a and b`, `a, b and c`. */
export function allOf(items: readonly string[]): string {
  return enumerate(items, "and");
}

function enumerate(items: readonly string[], word: string): string {
  const last = items.at(-1) ?? "nothing";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}
