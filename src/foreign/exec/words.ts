/** Splits a command line into words. @module */

/** A word: quoted parts, characters after a backslash, and others but blanks. */
const WORD = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gsy;
const PART = /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)|([^\s"'\\]+)/gs;

/**
 * Splits `text` at blanks, with quotes and backslashes as a shell reads them. Nothing else is
 * special: no variables, patterns, pipes or redirections.
 *
 * @returns undefined if a quote is not closed.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    WORD.lastIndex = at;
    const [word] = WORD.exec(text) ?? [];
    if (word === undefined || !isBoundary(text, at + word.length)) return undefined;
    words.push(unquoted(word));
    at += word.length;
  }
  return words;
}

function skipBlanks(text: string, at: number): number {
  while (at < text.length && /\s/.test(text[at]!)) at++;
  return at;
}

function isBoundary(text: string, at: number): boolean {
  return at === text.length || /\s/.test(text[at]!);
}

function unquoted(word: string): string {
  return word.replace(PART, (_, double, single, escaped, plain) => {
    return double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? plain;
  });
}
