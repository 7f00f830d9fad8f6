/** Turns of the event loop for work that others would notice. @module */
import { setImmediate } from "node:timers";

let last: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn that nobody else was given: between any two, all that came meanwhile
 * is heard, so that many who ask for much at a time keep nobody waiting who asks for little.
 */
export function turn(): Promise<void> {
  last = last.then(() => new Promise<void>((resolve) => void setImmediate(resolve)));
  return last;
}
