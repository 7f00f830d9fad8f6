/**
 * How the holder of a name shows that it is an exporter of that name: it knows the token that
 * the controller issued. Any user of the host can take the lock's socket; only who could
 * register as the exporter anyway is believed, and the token is not told. Whoever asks gets
 * something to test guesses with; tokens are signed and far too long to be guessed.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** What the holder of a name answers to a challenge. */
export interface Answer {
  /** Whether it has been told to end. */
  readonly leaving: boolean;
  /** In hexadecimal. */
  readonly proof: string;
}

/** Bytes of a challenge on the wire: 32 random ones in hexadecimal, and the end of the line. */
export const CHALLENGE_LENGTH = 65;

/** No answer is longer. */
export const ANSWER_MAX = 256;

/** A question that was never asked before. */
export function challenge(): string {
  return `${randomBytes(32).toString("hex")}\n`;
}

/** The line that answers `question` about the socket `name`. */
export function answer(name: string, question: string, token: string, leaving: boolean): string {
  const proof = prove(name, question, token, leaving).toString("hex");
  return `${JSON.stringify({ leaving, proof } satisfies Answer)}\n`;
}

/** What `line` says, where it answers `question` and was made with `token`. */
export function verify(
  name: string,
  question: string,
  token: string,
  line: string,
): Answer | undefined {
  const found = parse(line);
  if (!found) return undefined;
  const given = new Uint8Array(found.proof.match(/../g)!.map((byte) => parseInt(byte, 16)));
  return timingSafeEqual(given, prove(name, question, token, found.leaving)) ? found : undefined;
}

function prove(name: string, question: string, token: string, leaving: boolean) {
  return createHmac("sha256", token).update(`jmp lock 1\n${name}\n${question}${leaving}`).digest();
}

function parse(line: string): Answer | undefined {
  try {
    const { leaving, proof } = JSON.parse(line);
    const isAnswer = typeof leaving === "boolean" && /^[0-9a-f]{64}$/.test(proof);
    return isAnswer ? { leaving, proof } : undefined;
  } catch {
    return undefined;
  }
}
