/** Runs the lease machine: events in, effects out, one after the other. @module */
import { initial, step } from "./machine.ts";
import type { Checkpoint, LeaseEffect, LeaseEvent, Rules } from "./model.ts";
import type { LeaseState } from "./state.ts";

/** How the machine is run. */
export interface RunnerOptions {
  readonly rules: Rules;
  /** Progress saved by the previous process. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Carries out an effect. Returns at once; what takes time answers with an event. */
  handle(effect: LeaseEffect): void;
  /** The machine has another state, whose effects are carried out. */
  changed?(state: LeaseState): void;
}

/** Holds the machine's state. */
export class LeaseRunner {
  readonly #options: RunnerOptions;
  readonly #events: LeaseEvent[] = [];
  #state: LeaseState;
  #busy = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#state = initial(options.checkpoint);
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
        const [state, effects] = step(this.#state, next, this.#options.rules);
        const isChanged = state !== this.#state;
        this.#state = state;
        for (const effect of effects) this.#options.handle(effect);
        if (isChanged) this.#options.changed?.(state);
      }
    } finally {
      this.#busy = false;
    }
  }
}
