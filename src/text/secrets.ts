/**
 * Secrets in text that leaves the process: logs, errors to clients, what commands print.
 * Whoever reads a secret has it kept here; what passes the border is searched for it.
 *
 * @module
 */
import { cut } from "./cut.ts";

/** Stands where a secret stood; the word that addresses are redacted with, too. */
const HIDDEN = "[REDACTED]";

/** A shorter secret is a syllable of ordinary words, and hiding those would tell it. */
const MIN_LENGTH = 6;

/** Secrets kept: tokens are rotated, and the oldest are worth nothing any more. */
const CAPACITY = 64;

const secrets = new Set<string>();

/** The same, so that one which is a part of another one leaves nothing of that. */
let longestFirst: readonly string[] = [];

/** Has `secret` hidden from now on, where it is long enough to be told from other text. */
export function keepSecret(secret: string): void {
  if (secret.length < MIN_LENGTH) return;
  const known = secrets.delete(secret);
  secrets.add(secret);
  if (known) return;
  const [oldest] = secrets;
  if (secrets.size > CAPACITY) secrets.delete(oldest!);
  longestFirst = [...secrets].sort((a, b) => b.length - a.length);
}

/** `text` without the secrets that were kept. */
export function hideSecrets(text: string): string {
  return hideWords(text, longestFirst);
}

/** `text` without these words; one that holds another one must come first. */
export function hideWords(text: string, words: readonly string[]): string {
  let hidden = text;
  for (const word of words) {
    if (hidden.includes(word)) hidden = hidden.replaceAll(word, HIDDEN);
  }
  return hidden;
}

/** `//user:password@` of an address. */
const USER = /(:\/\/)[^\s/?#@"'<>]*@/g;

/** A query's parameter with a secret: `X-Amz-Signature=`, `sig=`, `access_token=`, `api-key=`. */
const PARAMETER =
  /([?&][\w.-]{0,64}?(?:sig(?:nature)?|token|secret|passw(?:or)?d|passphrase|credential|key|auth)[\w.-]{0,64}=)[^&#\s"'<>]+/gi;

/** `authorization: Bearer …` */
const BEARER = /\b(bearer\s+)[\w.~+/=-]{8,}/gi;

/**
 * Longest message in characters; a longer one loses its middle. What readers can take is
 * less, and they cut once more: so no half of a secret is left at a cut.
 */
const MAX_MESSAGE = 256 * 1024;

/**
 * A message without the secrets that were kept, and without those of addresses: the user,
 * what a query signs with. Takes bounded time.
 */
export function redacted(message: string): string {
  const hidden = hideSecrets(cut(message, MAX_MESSAGE));
  // Nearly every message has none of it, and is searched for single characters in no time.
  const address = hidden.includes("://") ? hidden.replace(USER, `$1${HIDDEN}@`) : hidden;
  const plain = address.includes("=") ? address.replace(PARAMETER, `$1${HIDDEN}`) : address;
  return plain.replace(BEARER, `$1${HIDDEN}`);
}
