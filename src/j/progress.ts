/** Shows the progress of a transfer on standard error. @module */
import type { Context } from "./context.ts";
import { columns } from "./help.ts";
import { progressBar, progressReport, type Transferred, transferReport } from "./progress_text.ts";

/** Milliseconds between two drawings of the line of a terminal, and between two reports elsewhere. */
const REDRAW_MS = 100;
const REPORT_MS = 5_000;
/** Shorter transfers are not reported, in milliseconds. */
const REPORTED_MS = 1_000;
/** A line is drawn only after this time, in milliseconds: a shorter one would flicker. */
const DRAWN_AFTER_MS = 300;
/** The period over which the speed is measured, in milliseconds. */
const SPEED_WINDOW_MS = 5_000;

/** Erases the line and returns to its beginning. */
const ERASE = "\r\x1b[K";

/** The transfer whose progress is shown. */
export type Subject = Pick<Transferred, "label" | "total">;

/**
 * The progress of one transfer. On a terminal it is a line that is drawn again and again, which
 * also follows the terminal's size; the cursor is never hidden, so there is nothing to restore.
 * Elsewhere it is a report every few seconds. With `--json` there is none.
 */
export class Progress implements Disposable {
  readonly #subject: Subject;
  readonly #output: Context["output"];
  readonly #shown: boolean;
  /** Whether it is a line that is drawn again. */
  readonly #draws: boolean;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  readonly #start = performance.now();
  /** Times and byte counts within the speed window, the oldest first. */
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];
  #bytes = 0;
  #over = false;

  /** @param shown whether to show anything */
  constructor(subject: Subject, { output, json }: Context, shown = true) {
    this.#subject = subject;
    this.#output = output;
    this.#shown = shown && !json;
    this.#draws = this.#shown && output.canRedraw;
    this.#samples.push({ at: this.#start, bytes: 0 });
    if (this.#draws) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
    else if (this.#shown) this.#timer = setInterval(() => this.#report(), REPORT_MS);
  }

  /** The same bytes, counted as they pass. */
  async *counted(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      yield chunk;
      this.#bytes += chunk.length;
    }
  }

  /** Reports that all has been transferred. */
  complete(): void {
    this[Symbol.dispose]();
    const state = this.#sample();
    if (this.#shown && state.seconds * 1000 >= REPORTED_MS) this.#output.say(transferReport(state));
  }

  /** Removes the line. */
  [Symbol.dispose](): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#timer);
    if (this.#draws) this.#output.redraw(ERASE);
  }

  #report(): void {
    this.#output.say(progressReport(this.#sample()));
  }

  #draw(): void {
    if (performance.now() - this.#start < DRAWN_AFTER_MS) return;
    this.#output.redraw(ERASE + progressBar(this.#sample(), columns()));
  }

  #sample(): Transferred {
    const at = performance.now();
    const [samples, bytes] = [this.#samples, this.#bytes];
    samples.push({ at, bytes });
    while (samples.length > 2 && samples[1]!.at <= at - SPEED_WINDOW_MS) samples.shift();
    const [oldest] = samples;
    const rate = (bytes - oldest!.bytes) / Math.max((at - oldest!.at) / 1000, 1e-3);
    return { ...this.#subject, bytes, rate, seconds: (at - this.#start) / 1000 };
  }
}
