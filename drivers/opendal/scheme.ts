/** The schemes of storages that a config can name, as in OpenDAL. @module */

/**
 * The keys of `kwargs:` that have an effect, for each scheme; the first one, if any, is required.
 */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  fs: ["root"],
  memory: [],
  http: ["endpoint", "root", "username", "password", "token"],
};

/** Normalizes the name of a scheme, which need not be supported. */
export function schemeOf(text: string): string {
  const lower = text.toLowerCase();
  return lower === "https" ? "http" : lower;
}
