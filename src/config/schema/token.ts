/** The form of the token that the controller issues. @module */
import { codePoint } from "../../text/code_point.ts";
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
  // The word itself would be hidden in the message, as a part of the secret.
  const mark = /^bearer\s/i.test(token) ? "an HTTP authorization scheme before it" : undefined;
  const quotes = /^(["']).*\1$/s.test(token) ? "quotes that are part of it" : undefined;
  const found = mark ?? quotes ?? strangeCharacter(token);
  return found &&
    `expected one word of ASCII, found ${found}; copy the token again, and nothing else`;
}

/** The first character that is not visible ASCII; undefined if there is none. */
function strangeCharacter(token: string): string | undefined {
  const at = token.search(/[^\x21-\x7e]/);
  if (at < 0) return undefined;
  const character = String.fromCodePoint(token.codePointAt(at)!);
  return `${nameOf(character)} in it, after ${at} of ${token.length} characters`;
}

function nameOf(character: string): string {
  if (character === " ") return "spaces";
  if (/[\r\n]/.test(character)) return "line ends";
  return codePoint(character);
}
