/** The last lines of a program, for messages about its end. @module */

const LINES = 10, LENGTH = 200;

/** Keeps the last 10 lines, of at most 200 characters each. */
export class LastLines {
  readonly #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line.slice(0, LENGTH));
    if (this.#lines.length > LINES) this.#lines.shift();
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return [...this.#lines];
  }
}

/** `; its last lines: … | …`, for the end of a sentence; empty if there are none. */
export function quoteLines(lines: readonly string[]): string {
  return lines.length === 0 ? "" : `; its last lines: ${lines.join(" | ")}`;
}
