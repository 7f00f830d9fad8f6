/**
 * Hides secrets in text that leaves the process: logs, errors to clients, output of commands.
 * Code that reads a secret registers it here; outgoing text is searched for it.
 *
 * @module
 */
import { cut } from "./cut.ts";

/** Replaces a secret. */
const HIDDEN = "[REDACTED]";

/** A shorter secret also occurs in ordinary words, and hiding those would reveal it. */
const MIN_LENGTH = 6;

/** Most registered secrets: tokens are rotated, and the oldest are no longer valid. */
const CAPACITY = 64;

const secrets = new Set<string>();

/** The same, sorted: a secret that contains another one is replaced first, as a whole. */
let longestFirst: readonly string[] = [];

/** Registers a secret, if it is long enough to be told from other text. */
export function keepSecret(secret: string): void {
  if (secret.length < MIN_LENGTH) return;
  const known = secrets.delete(secret);
  secrets.add(secret);
  if (known) return;
  const [oldest] = secrets;
  if (secrets.size > CAPACITY) secrets.delete(oldest!);
  longestFirst = [...secrets].sort((a, b) => b.length - a.length);
}

/** Replaces the registered secrets in `text`. */
export function hideSecrets(text: string): string {
  return hideWords(text, longestFirst);
}

/**
 * Replaces these words in `text`; a word that contains another one must come first. What replaces
 * one is no place to look for others.
 */
export function hideWords(text: string, words: readonly string[]): string {
  const found = words.filter((word) => text.includes(word));
  if (found.length === 0) return text;
  const patterns = found.map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return text.replace(new RegExp(patterns.join("|"), "g"), HIDDEN);
}

/** `//user:password@` of a URL. */
const USER = /(:\/\/)[^\s/?#@"'<>]*@/g;

/** A query parameter with a secret: `X-Amz-Signature=`, `sig=`, `access_token=`, `api-key=`. */
const PARAMETER =
  /([?&][\w.-]{0,64}?(?:sig(?:nature)?|token|secret|passw(?:or)?d|passphrase|credential|key|auth)[\w.-]{0,64}=)[^&#\s"'<>]+/gi;

/** `authorization: Bearer …` */
const BEARER = /\b(bearer\s+)[\w.~+/=-]{8,}/gi;

/**
 * Longest message in characters; the middle of a longer one is cut. Readers cut to less, after
 * this, so that no cut leaves half of a secret.
 */
const MAX_MESSAGE = 256 * 1024;

/**
 * Replaces in a message the registered secrets and those of URLs: the user and password, the
 * signature of a query. Takes bounded time.
 */
export function redacted(message: string): string {
  const hidden = hideSecrets(cut(message, MAX_MESSAGE));
  // Most messages have no URL: searching for a few characters is faster than the expressions.
  const address = hidden.includes("://") ? hidden.replace(USER, `$1${HIDDEN}@`) : hidden;
  const plain = address.includes("=") ? address.replace(PARAMETER, `$1${HIDDEN}`) : address;
  return plain.replace(BEARER, `$1${HIDDEN}`);
}
