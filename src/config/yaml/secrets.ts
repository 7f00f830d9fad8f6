/** Secrets in the text of a config, which need not be valid YAML. @module */

import { placeholderForm } from "../../text/placeholder.ts";

/** Ends of keys whose text is itself a secret (not the path of one), as a regular expression. */
export const SECRET_KEYS = "(?:token|passw(?:or)?d|passphrase|secret|api_?key|access_?key)";

/**
 * The text after the key of a secret, on the same line and on the next one. `tokenFile` does
 * not match: the path of a file is no secret.
 */
const VALUE = new RegExp(
  String
    .raw`(?:^|[{,?-])[ \t]*["']?[\w-]{0,40}${SECRET_KEYS}(?!\w)["']?[ \t]*[:=]?(?:[ \t]*[|>][+-]?)?([^\n}]*)(?=(?:\n([^\n}]*))?)`,
  "gim",
);

/** A word of the characters that secrets consist of; shorter ones occur in ordinary messages. */
const WORD = /[\w.~+/=-]{6,}/g;

/** As WORD, but not the key on the next line, for a secret without a value. */
const WORD_BELOW = /[\w.~+/=-]{6,}(?!\w*["']?:(?:\s|$))/g;

/** The words of `text` to hide in messages about it. */
export function secretWords(text: string): string[] {
  const words = new Set<string>();
  for (const [, beside = "", below = ""] of text.matchAll(VALUE)) {
    // A placeholder is no secret, and its words are those of messages.
    if (placeholderForm(beside.replace(/^\s*["']|["']\s*$/g, "")) !== undefined) continue;
    const found = beside.match(WORD) ?? below.match(WORD_BELOW) ?? [];
    found.forEach((word) => words.add(word));
  }
  // Longest first, because a word may contain another one.
  return [...words].sort((a, b) => b.length - a.length);
}
