/**
 * A port that leads to a Unix socket, for grpc-js: Deno 2.9 closes the descriptor of a node:net
 * socket with a path twice, and the second time it may belong to something else.
 *
 * @module
 */

/** @see module */
export class Bridge implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  constructor(path: string) {
    this.#accept(path).catch(() => {});
  }

  /** Host and port. */
  get endpoint(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #accept(path: string): Promise<void> {
    for await (const near of this.#listener) {
      try {
        join(near, await Deno.connect({ transport: "unix", path }));
      } catch {
        near.close();
      }
    }
  }
}

/** Closes either side when the other one is closed. */
function join(near: Deno.Conn, far: Deno.Conn): void {
  near.readable.pipeTo(far.writable).catch(() => {});
  far.readable.pipeTo(near.writable).catch(() => {});
}
