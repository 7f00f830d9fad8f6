/** The form of the token that the controller issues. @module */

import { placeholderProblem } from "../../text/placeholder.ts";

/** Longest token in characters: few HTTP/2 servers accept headers of more than 16 KiB. */
export const MAX_TOKEN = 16 * 1024;

/** Why `token` cannot be sent to a controller, or undefined. The message does not contain it. */
export function tokenProblem(token: string): string | undefined {
  if (token === "") {
    return "expected a token, found nothing; write the token that the controller issued";
  }
  const unfilled = placeholderProblem(token, "the token that the controller issued");
  if (unfilled !== undefined) return unfilled;
  if (token.length > MAX_TOKEN) {
    return `expected a token of at most ${MAX_TOKEN} characters, found ${token.length}; ` +
      "write only the token";
  }
  if (/^[\x21-\x7e]+$/.test(token)) return undefined;
  return "expected one word of ASCII, found spaces or other characters in it; copy the token again";
}
