/** Keeps a driver that logs in a loop from drowning the exporter. @module */

/** Lines a second that a driver may log; a loop of a few microseconds a line makes 100,000. */
const LINES = 1_000;
const SECOND_MS = 1_000;
/** Characters of a line that are kept. */
const LENGTH = 16_384;

/**
 * A log function that passes at most 1,000 lines a second on, each cut at 16,384
 * characters. `dropped` hears how many were lost, with the first line after them.
 */
export function throttle<L>(
  say: (level: L, message: string) => void,
  dropped: (lines: number) => void,
): (level: L, message: unknown) => void {
  let started = -Infinity;
  let lines = 0;
  return (level, message) => {
    const now = performance.now();
    if (now - started >= SECOND_MS) {
      if (lines > LINES) dropped(lines - LINES);
      started = now;
      lines = 0;
    }
    if (++lines <= LINES) say(level, String(message).slice(0, LENGTH));
  };
}
