/** Runs the lease machine: passes events in and effects out, one at a time. @module */
import { initial, step } from "./machine.ts";
import type { Checkpoint, LeaseEffect, LeaseEvent, Rules } from "./model.ts";
import type { LeaseState } from "./state.ts";

/** What the runner needs. */
export interface RunnerOptions {
  readonly rules: Rules;
  /** Progress saved by the previous process. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Executes an effect. Must not wait: an effect that takes time answers with an event. */
  handle(effect: LeaseEffect): void;
  /** Called with each new state, after its effects were started. */
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

  /** The state of the machine. */
  get state(): LeaseState {
    return this.#state;
  }

  /** Handles an event; one that an effect dispatches is handled after the current effects. */
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
