/** Runs the lease machine: events in, effects out, one after the other. @module */
import { INITIAL, type LeaseEffect, type LeaseEvent, type LeaseState, step } from "./machine.ts";

/** Carries out effects. Each returns at once; what takes time answers with an event. */
export type EffectHandler = (effect: LeaseEffect) => void;

/** Holds the machine's state. */
export class LeaseRunner {
  readonly #handle: EffectHandler;
  #state: LeaseState = INITIAL;
  readonly #events: LeaseEvent[] = [];
  #busy = false;

  constructor(handle: EffectHandler) {
    this.#handle = handle;
  }

  /** Where the machine is. */
  get state(): LeaseState {
    return this.#state;
  }

  /** Takes an event; one that an effect raises waits until the effects before it are done. */
  dispatch(event: LeaseEvent): void {
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const [state, effects] = step(this.#state, next);
        this.#state = state;
        for (const effect of effects) this.#handle(effect);
      }
    } finally {
      this.#busy = false;
    }
  }
}
