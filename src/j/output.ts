/** Standard output and standard error of a command. @module */
import {
  type StandardStream,
  tryToWrite,
  writeAll,
  writeAllSync,
} from "../base/standard_streams.ts";
import { printable, printableDocument, printableJson } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";

const RED = "\x1b[31m";
const RESET = "\x1b[0m";

/** The part of Deno.stdout and Deno.stderr that is used. */
export interface Stream extends StandardStream {
  isTerminal(): boolean;
}

/**
 * Standard output and standard error. Writing throws Deno.errors.BrokenPipe when nobody reads, and
 * other errors that name the stream.
 */
export class Output {
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether standard error is a terminal. */
  readonly errorIsTerminal: boolean;
  readonly #out: Stream;
  readonly #error: Stream;

  constructor(out: Stream = Deno.stdout, error: Stream = Deno.stderr) {
    this.#out = out;
    this.#error = error;
    this.isTerminal = out.isTerminal();
    this.errorIsTerminal = error.isTerminal();
  }

  /** Prints lines to standard output, with control characters escaped. */
  line(text: string): void {
    writeAllSync(this.#out, encode(`${printableDocument(text)}\n`));
  }

  /** Prints a value as one line of JSON. */
  json(value: unknown): void {
    this.line(printableJson(value));
  }

  /** Writes bytes to standard output as they are. */
  bytes(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#out, bytes);
  }

  /** Writes bytes to standard error as they are. */
  errorBytes(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#error, bytes);
  }

  /** Prints messages to standard error, with control characters escaped. */
  note(text: string): void {
    writeAllSync(this.#error, encodeNote(text));
  }

  /** Like `note`, but ignores errors of writing: for messages that the command does not depend on. */
  say(text: string): void {
    tryToWrite(this.#error, encodeNote(text));
  }

  /** Whether standard error is a terminal that can redraw a line. */
  get canRedraw(): boolean {
    return this.errorIsTerminal && Deno.env.get("TERM") !== "dumb";
  }

  /** Writes `text` to standard error as it is; what it contains must be printable. */
  redraw(text: string): void {
    tryToWrite(this.#error, encode(text));
  }

  /** Prints an error as one line, in red on a terminal. */
  error(text: string): void {
    const line = printable(redacted(text.trim().replace(/\s*[\r\n]\s*/g, " ")));
    tryToWrite(this.#error, encode(`${this.hasColors ? `${RED}${line}${RESET}` : line}\n`));
  }

  /** Whether standard error shows colours (https://no-color.org). */
  get hasColors(): boolean {
    return this.canRedraw && !Deno.env.get("NO_COLOR");
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function encodeNote(text: string): Uint8Array {
  return encode(`${printableDocument(redacted(text))}\n`);
}
