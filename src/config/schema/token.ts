/** The form of a token. @module */

/** Longest token in characters: HTTP/2 servers take headers of 16 KiB at most, and few of more. */
export const MAX_TOKEN = 16 * 1024;

/** What keeps `token` from being sent to a controller; never shows the token. */
export function tokenProblem(token: string): string | undefined {
  if (token === "") {
    return "expected a token, found nothing; write the token that the controller issued";
  }
  if (token.length > MAX_TOKEN) {
    return `expected a token of at most ${MAX_TOKEN} characters, found ${token.length}; ` +
      "write only the token";
  }
  if (/^[\x21-\x7e]+$/.test(token)) return undefined;
  return "expected one word of ASCII, found blanks or other characters in it; copy the token again";
}
