/** Notices that a process no longer answers, as when a driver blocks its event loop. @module */
import { fulfilledWithin } from "../../base/deadline.ts";
import { sleep } from "../../base/sleep.ts";

/** How a process is watched. */
export interface WatchOptions {
  /** Asks the process something cheap; settles with any answer, or at the end of the process. */
  ask(): Promise<unknown>;
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Called when no answer has come for `everyMs`, and when one has come again. */
  onSilence(isSilent: boolean): void;
  /** @default 15_000 */
  readonly everyMs?: number;
}

/** How often a process is asked, and how long an answer may take, in ms. */
const EVERY_MS = 15_000;

/** Watches until the signal aborts. */
export async function watchAnswers(
  { ask, signal, onSilence, everyMs = EVERY_MS }: WatchOptions,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, signal);
    if (signal.aborted) return;
    const answer = ask().catch(() => {});
    if (await fulfilledWithin(everyMs, answer, signal)) continue;
    if (signal.aborted) return;
    onSilence(true);
    await answer;
    if (!signal.aborted) onSilence(false);
  }
}
