/**
 * Proves that the holder of a name is an exporter of that name, by challenge and response: it
 * knows the token that the controller issued. Any user of the host can take the lock's socket, but
 * only a process that could register as the exporter is trusted, and the answer does not reveal the
 * token. An asker could test guesses against an answer, but tokens are signed and far too long to
 * be guessed.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** The answer to a challenge. */
export interface Answer {
  /** Whether the holder is shutting down. */
  readonly leaving: boolean;
  /** An HMAC-SHA-256 with the token as its key, in hexadecimal. */
  readonly proof: string;
}

/** Length of a challenge on the wire: 32 random bytes in hexadecimal, and a line break. */
export const CHALLENGE_LENGTH = 65;

/** Longest answer in bytes. */
export const ANSWER_MAX = 256;

/** Creates a random challenge. */
export function challenge(): string {
  return `${randomBytes(32).toString("hex")}\n`;
}

/** Returns the line that answers `question` about the socket `name`. */
export function answer(name: string, question: string, token: string, leaving: boolean): string {
  const proof = prove(name, question, token, leaving).toString("hex");
  return `${JSON.stringify({ leaving, proof } satisfies Answer)}\n`;
}

/** Parses `line`; undefined unless it answers `question` and was created with `token`. */
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
