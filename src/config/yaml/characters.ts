/**
 * Characters that YAML does not allow, or that look like others: copied from web pages and word
 * processors, they are hard to see in an editor.
 *
 * @module
 */
import { codePoint } from "../../text/code_point.ts";

/** A character of a text that is a mistake. */
export interface OddCharacter {
  /** In UTF-16 code units from the beginning of the text. */
  readonly offset: number;
  /** `found U+00A0 NO-BREAK SPACE, …; replace it by a space`. */
  readonly message: string;
}

/** What to write instead of a character. */
interface Replacement {
  readonly name: string;
  readonly advice: string;
}

const BLANK = "which is no blank for YAML; replace it by a space";
const INVISIBLE = "which is invisible; delete it";
const DOUBLE = 'which is no quote for YAML; replace it by "';
const SINGLE = "which is no quote for YAML; replace it by '";

/** Names by the Unicode Character Database. */
const LOOKALIKES: ReadonlyMap<string, Replacement> = new Map([
  ["\u00a0", { name: "NO-BREAK SPACE", advice: BLANK }],
  ["\u00ad", { name: "SOFT HYPHEN", advice: INVISIBLE }],
  ["\u2003", { name: "EM SPACE", advice: BLANK }],
  ["\u2007", { name: "FIGURE SPACE", advice: BLANK }],
  ["\u2009", { name: "THIN SPACE", advice: BLANK }],
  ["\u200b", { name: "ZERO WIDTH SPACE", advice: INVISIBLE }],
  ["\u200e", { name: "LEFT-TO-RIGHT MARK", advice: INVISIBLE }],
  ["\u200f", { name: "RIGHT-TO-LEFT MARK", advice: INVISIBLE }],
  ["\u2018", { name: "LEFT SINGLE QUOTATION MARK", advice: SINGLE }],
  ["\u2019", { name: "RIGHT SINGLE QUOTATION MARK", advice: SINGLE }],
  ["\u201c", { name: "LEFT DOUBLE QUOTATION MARK", advice: DOUBLE }],
  ["\u201d", { name: "RIGHT DOUBLE QUOTATION MARK", advice: DOUBLE }],
  ["\u201e", { name: "DOUBLE LOW-9 QUOTATION MARK", advice: DOUBLE }],
  ["\u202f", { name: "NARROW NO-BREAK SPACE", advice: BLANK }],
  ["\u2060", { name: "WORD JOINER", advice: INVISIBLE }],
  ["\u3000", { name: "IDEOGRAPHIC SPACE", advice: BLANK }],
  ["\ufeff", { name: "BYTE ORDER MARK", advice: INVISIBLE }],
  ["\uff1a", { name: "FULLWIDTH COLON", advice: "which is no colon for YAML; replace it by ': '" }],
]);

const OTHER_BLANK: Replacement = { name: "", advice: BLANK };
const JOINED: Replacement = { name: "ZERO WIDTH JOINER", advice: INVISIBLE };

const LOOKALIKE = new RegExp(`[${[...LOOKALIKES.keys()].join("")}[\\p{Zs}--[ ]]]`, "v");

/** Joiners are parts of words in some scripts and of emoji, but of nothing in ASCII. */
const JOINER = /(?<=^|[ -~])\u200d(?=[ -~]|$)/;

/** What YAML 1.1 §5.1 excludes, with surrogates. U+0085 is a line end there. */
const FORBIDDEN =
  // deno-lint-ignore no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

/** The first character that YAML does not allow. */
export function findForbidden(text: string): OddCharacter | undefined {
  const offset = text.search(FORBIDDEN);
  if (offset < 0) return undefined;
  const char = text[offset]!;
  if (char !== "\0") {
    const message = `found the control character ${codePoint(char)}, which YAML does not allow; ` +
      "delete it";
    return { offset, message };
  }
  const count = /^\0+/.exec(text.slice(offset))![0].length;
  const what = count === 1 ? "a NUL character" : `${count} NUL characters`;
  const rest = offset === 0 && count === text.trimEnd().length ? "nothing but " : "";
  const message = `found ${rest}${what} (U+0000): the file was probably damaged when the power ` +
    "failed while it was saved; restore it from a copy, or delete these characters";
  return { offset, message };
}

/** The first character of `text` that looks like a blank, a quote or a colon, or is invisible. */
export function findLookalike(text: string): OddCharacter | undefined {
  const [found, joiner] = [LOOKALIKE, JOINER].map((pattern) => text.search(pattern));
  const offset = found! < 0 ? joiner! : found!;
  if (offset < 0) return undefined;
  const char = text[offset]!;
  const { name, advice } = LOOKALIKES.get(char) ?? (found! < 0 ? JOINED : OTHER_BLANK);
  return { offset, message: `found ${codePoint(char)}${name && ` ${name}`}, ${advice}` };
}
