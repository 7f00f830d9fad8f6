/** The progress of a command: on a terminal one line that is rewritten, else a line for each step. @module */
import { tryToWrite } from "../base/standard_streams.ts";
import { printable } from "../text/printable.ts";
import { redacted } from "../text/secrets.ts";
import { printError } from "./common.ts";

/** Erases the line and returns to its beginning. */
const ERASE = "\r\x1b[K";

/** Shows the steps of a command on standard error. */
export class ProgressLine implements Disposable {
  readonly #terminal = Deno.stderr.isTerminal();
  #step = "";

  /** @param steps the number of all steps */
  constructor(readonly steps: number) {}

  /** Shows the step `number`, counted from 1. */
  step(number: number, what: string): void {
    this.#step = `[${number}/${this.steps}] ${what}`;
    if (this.#terminal) this.detail("");
    else printError(this.#step);
  }

  /** Shows what the step is doing; on a terminal only. */
  detail(text: string): void {
    if (!this.#terminal) return;
    const { columns } = Deno.consoleSize();
    const line = `${this.#step} ${printable(redacted(text.trim()))}`;
    this.#write(ERASE + Array.from(line).slice(0, columns - 1).join(""));
  }

  /** Removes the line, so that other output can follow. */
  clear(): void {
    if (this.#terminal) this.#write(ERASE);
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #write(text: string): void {
    tryToWrite(Deno.stderr, new TextEncoder().encode(text));
  }
}
