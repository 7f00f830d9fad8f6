/** Requests, answers, cancellation and notes over a pair of message ports. @module */
import { fromFailure, toFailure } from "./failure.ts";
import type { Failure, Message, Note } from "./protocol.ts";

/** A table of operations, each with one request and one answer. */
// deno-lint-ignore no-explicit-any
type Ops<T> = { [K in keyof T]: (request: any) => unknown };

type RequestOf<T extends Ops<T>, K extends keyof T> = Parameters<T[K]>[0];
type AnswerOf<T extends Ops<T>, K extends keyof T> = Awaited<ReturnType<T[K]>>;

/** The operations that one side carries out for the other. */
export type Handlers<T extends Ops<T>> = {
  [K in keyof T]: (
    request: RequestOf<T, K>,
    signal: AbortSignal,
  ) => AnswerOf<T, K> | Promise<AnswerOf<T, K>>;
};

/** Sends a message; the buffers in `transfer` are moved, not copied. */
export type Post = (message: Message, transfer?: Transferable[]) => void;

/** The parts in which the two sides differ. */
export interface RpcOptions<Local extends Ops<Local>> {
  readonly post: Post;
  readonly handlers: Handlers<Local>;
  readonly onNote: (note: Note) => void;
  /** Converts an error of a handler. @default toFailure */
  readonly toFailure?: (error: unknown, op: keyof Local) => Failure;
}

interface Pending {
  /** The requested method, or else the operation. */
  readonly name: string;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One side of the connection, which requests the operations of `Remote` and answers those of
 * `Local`.
 */
export class Rpc<Remote extends Ops<Remote>, Local extends Ops<Local>> {
  readonly #options: RpcOptions<Local>;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, AbortController>();
  #nextId = 1;
  #closed: Error | undefined;

  constructor(options: RpcOptions<Local>) {
    this.#options = options;
  }

  /** The requests without an answer: the names of their methods, or else of their operations. */
  get pending(): readonly string[] {
    return Array.from(this.#pending.values(), ({ name }) => name);
  }

  /**
   * Sends a request. If `signal` is aborted, sends a cancellation and rejects at once with the
   * signal's reason.
   */
  async request<K extends keyof Remote & string>(
    op: K,
    request: RequestOf<Remote, K>,
    signal?: AbortSignal,
  ): Promise<AnswerOf<Remote, K>> {
    if (this.#closed) throw this.#closed;
    signal?.throwIfAborted();
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<AnswerOf<Remote, K>>();
    const cancel = () => {
      this.#options.post({ kind: "cancel", id });
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", cancel, { once: true });
    const { method } = request as { method?: string } ?? {};
    this.#pending.set(id, { name: method ?? op, resolve, reject });
    try {
      this.#options.post({ kind: "request", id, op, request });
      return await promise;
    } finally {
      this.#pending.delete(id);
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Sends a note, which has no answer; does nothing once the connection is closed. */
  note(note: Note, transfer?: Transferable[]): void {
    if (!this.#closed) this.#options.post({ kind: "note", note }, transfer);
  }

  /** Processes a message of the other side. */
  receive(message: Message): void {
    switch (message.kind) {
      case "request":
        return void this.#handle(message.id, message.op as keyof Local, message.request);
      case "answer":
        return this.#pending.get(message.id)?.resolve(message.answer as never);
      case "failure":
        return this.#pending.get(message.id)?.reject(fromFailure(message.failure));
      case "cancel":
        return this.#running.get(message.id)?.abort();
      case "note":
        return this.#options.onNote(message.note);
    }
    message satisfies never;
  }

  async #handle<K extends keyof Local>(
    id: number,
    op: K,
    request: RequestOf<Local, K>,
  ): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const answer = await this.#options.handlers[op](request, controller.signal);
      this.#reply({ kind: "answer", id, answer });
    } catch (error) {
      const convert = this.#options.toFailure ?? toFailure;
      this.#reply({ kind: "failure", id, failure: convert(error, op) });
    } finally {
      this.#running.delete(id);
    }
  }

  #reply(message: Message): void {
    if (!this.#closed) this.#options.post(message);
  }

  /** Closes the connection: all pending and later requests reject with `error`. */
  close(error: Error): void {
    this.#closed ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#closed);
    for (const controller of this.#running.values()) controller.abort();
  }
}
