/** Tracks the state of the connection to the controller. @module */
import type { HealthListener } from "../controller/retry.ts";
import { redacted } from "../text/secrets.ts";
import type { ControllerLink } from "./state.ts";
import type { ExporterStore } from "./store.ts";

/**
 * Reports `trouble` while any method fails. Not suited to watch Listen, which succeeds visibly only
 * when a client dials.
 */
export class ControllerLinkWatch implements HealthListener {
  readonly #store: ExporterStore;
  /** What is wrong, by method; the latest last. */
  readonly #troubles = new Map<string, string>();
  #link: ControllerLink;

  constructor(store: ExporterStore, endpoint: string) {
    this.#store = store;
    this.#link = { endpoint, state: "connecting", since: new Date(), registered: false };
    store.update({ controller: this.#link });
  }

  failed(method: string, line: string): void {
    this.#troubles.delete(method);
    this.#troubles.set(method, redacted(line));
    this.#update();
  }

  succeeded(method: string): void {
    if (this.#troubles.delete(method) || this.#link.state === "connecting") this.#update();
  }

  /** Sets whether the exporter is registered at the controller. */
  setRegistered(registered: boolean): void {
    this.#set({ registered });
  }

  #update(): void {
    const trouble = [...this.#troubles.values()].at(-1);
    const state = trouble === undefined ? "connected" : "trouble";
    const since = state === this.#link.state ? this.#link.since : new Date();
    this.#set({ state, since, trouble });
  }

  #set(change: Partial<ControllerLink>): void {
    this.#link = { ...this.#link, ...change };
    this.#store.update({ controller: this.#link });
  }
}
