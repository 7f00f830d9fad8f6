/** Secrets in a config: by their keys, and in a text that may not even be YAML. @module */

const SECRET = /token|pass(?:word|phrase)|secret|credential|identity|_key$/i;

/** Ends of the keys whose text is a secret itself, and not where one is; a part of an expression. */
export const SECRET_KEYS = "(?:token|passw(?:or)?d|passphrase|secret|api_?key|access_?key)";

/** Whether the value of `key` must never be shown. */
export function isSecret(key: string | number): boolean {
  return SECRET.test(String(key));
}

/**
 * What stands behind the key of a secret: on its line, or else on the next one. `tokenFile` is
 * the key of a file, and that is no secret.
 */
const VALUE = new RegExp(
  String
    .raw`(?:^|[{,?-])[ \t]*["']?[\w-]{0,40}${SECRET_KEYS}(?!\w)["']?[ \t]*[:=]?(?:[ \t]*[|>][+-]?)?([^\n}]*)(?=(?:\n([^\n}]*))?)`,
  "gim",
);

/** What secrets are made of; what is shorter is a part of words that a message needs. */
const WORD = /[\w.~+/=-]{6,}/g;

/** As WORD, but for the key that stands on the next line where there is no value. */
const WORD_BELOW = /[\w.~+/=-]{6,}(?!\w*["']?:(?:\s|$))/g;

/** Words of `text` that its mistakes must be told without. */
export function secretWords(text: string): string[] {
  const words = new Set<string>();
  for (const [, beside = "", below = ""] of text.matchAll(VALUE)) {
    const found = beside.match(WORD) ?? below.match(WORD_BELOW) ?? [];
    found.forEach((word) => words.add(word));
  }
  // A word that holds another one goes first.
  return [...words].sort((a, b) => b.length - a.length);
}
