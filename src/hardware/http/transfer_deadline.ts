/** How long a whole transfer may take. @module */
import { Timeout } from "../../wire/error.ts";

/** A signal that follows another one, and aborts by itself after a while. */
export class Deadline implements Disposable {
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outer: AbortSignal;
  readonly #follow = () => this.#controller.abort(this.#outer.reason);

  constructor(outer: AbortSignal, ms: number, what: string) {
    this.#outer = outer;
    const late = () =>
      this.#controller.abort(new Timeout(`${what} took longer than ${ms / 1000} s`));
    this.#timer = setTimeout(late, ms);
    outer.addEventListener("abort", this.#follow);
    if (outer.aborted) this.#follow();
  }

  /** Aborts what is still going on. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener("abort", this.#follow);
    this.#controller.abort(new DOMException("the call has ended", "AbortError"));
  }
}
