/** Secrets in structured values, told by their keys. @module */

const SECRET = /token|pass(?:word|phrase)|secret|credential|identity|_key$/i;

/** Whether the value of `key` must never be shown. */
export function isSecret(key: string | number): boolean {
  return SECRET.test(String(key));
}
