/** Turns of the event loop, for work that others would notice. @module */

/**
 * Resolves once everybody else had their turn. By a timer: between two rounds of setImmediate
 * Deno hears of nothing that has come on sockets.
 *
 * @param ms how long to leave the event loop to others at least
 */
export function othersFirst(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn that nobody else was given: between any two, all that came meanwhile
 * is heard, so that many who ask for much at a time keep nobody waiting who asks for little.
 */
export function turn(): Promise<void> {
  last = last.then(() => othersFirst());
  return last;
}
