/** Times of day in messages. @module */

/** A time in UTC, to the second: `2030-01-01T00:00:00Z`. */
export function formatTime(at: Date | number): string {
  return new Date(at).toISOString().replace(/\.\d+/, "");
}

const CLOCK = "the clock of this host says ";

/** The present time in messages about another time. */
export function clockSays(now: number): string {
  return CLOCK + formatTime(now);
}

/** `text` without the times of {@linkcode clockSays}, in which two messages may differ. */
export function withoutClock(text: string): string {
  return text.replaceAll(new RegExp(`${CLOCK}\\S+Z`, "g"), CLOCK);
}
