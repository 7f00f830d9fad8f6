/** Yielding to the event loop amid long work. @module */

/**
 * Resolves in a later round of the event loop, after what has come meanwhile was handled. Uses
 * a timer: between two rounds of setImmediate Deno 2.9 does not poll sockets.
 */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a round of the event loop that no other caller of this function shares: many
 * large pieces of work at a time then delay small ones by one piece at most.
 */
export function exclusiveRound(): Promise<void> {
  last = last.then(() => yieldToEventLoop());
  return last;
}
