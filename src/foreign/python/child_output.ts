/** What a Python process writes: its last lines, and as many of all as a log can take. @module */
import { eachLine } from "../../subprocess/lines.ts";
import { LastLines } from "../last_lines.ts";

/** Lines per second that are passed on, and the longest, in characters. */
const LINES_PER_SECOND = 200, MAX_LENGTH = 8 * 1024;

/** Reads an output of any size and speed. */
export class ChildOutput {
  readonly #onLine: (line: string) => void;
  readonly #last = new LastLines();
  #second = 0;
  #count = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** The last lines, oldest first. @see LastLines */
  get lastLines(): readonly string[] {
    return this.#last.lines;
  }

  /** Reads until the end, which an error is as well. */
  async drain(readable: ReadableStream<Uint8Array>): Promise<void> {
    await eachLine(readable, (line) => this.#take(line)).catch(() => {});
    this.#startSecond(0);
  }

  #take(line: string): void {
    this.#last.add(line);
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#startSecond(second);
    if (++this.#count <= LINES_PER_SECOND) this.#onLine(line.slice(0, MAX_LENGTH));
  }

  #startSecond(second: number): void {
    const lost = this.#count - LINES_PER_SECOND;
    if (lost > 0) this.#onLine(`${lost} lines were left out, because they came too fast`);
    this.#second = second;
    this.#count = 0;
  }
}
