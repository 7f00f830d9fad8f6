/** The storages that a config can name, by OpenDAL's names of them. @module */

/** The keys of `kwargs:` that have an effect, for each scheme; the first must be given, if any. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  fs: ["root"],
  memory: [],
  http: ["endpoint", "root", "username", "password", "token"],
};

/** The scheme that `text` means; whether it is known here is another question. */
export function schemeOf(text: string): string {
  const lower = text.toLowerCase();
  return lower === "https" ? "http" : lower;
}
