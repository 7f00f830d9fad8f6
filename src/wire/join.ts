/** Joins two byte streams. @module */
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

/**
 * Carries bytes both ways until both directions have ended. The end of one
 * direction is passed on and leaves the other open; an error or the sudden close
 * of either stream destroys both with the same cause.
 *
 * @throws what broke the first of the two directions.
 */
export async function join(a: Duplex, b: Duplex): Promise<void> {
  try {
    await Promise.all([pipeline(a, b), pipeline(b, a)]);
  } catch (error) {
    a.destroy(error as Error);
    b.destroy(error as Error);
    throw error;
  } finally {
    a.destroy();
    b.destroy();
  }
}
