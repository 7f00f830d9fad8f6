/** Limits the log of a driver, so that an endless loop does not flood the exporter. @module */

/** Lines per second that a driver may log; a tight loop logs 100,000 and more. */
const LINES = 1_000;
const SECOND_MS = 1_000;
/** Longest line, in characters. */
const LENGTH = 16_384;

/**
 * A log function that passes on at most 1,000 lines per second, each cut at 16,384 characters.
 * Before the first line after a loss it calls `dropped` with the number of lost lines.
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
