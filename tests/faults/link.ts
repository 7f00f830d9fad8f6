/**
 * The network between the exporter and one port of the lab, as a forwarder that can
 * fail in the ways in which networks do.
 *
 * @module
 */
import * as net from "node:net";

/** Where the exporter finds the lab's ports: the same numbers as on 127.0.0.1, behind the link. */
export const LINK_HOST = "127.0.0.2";

/** `held`: bytes wait. `lost`: bytes vanish. `refused`: nobody listens. */
type State = "open" | "held" | "lost" | "refused";

/** Forwards connections from {@linkcode LINK_HOST} to 127.0.0.1 on one port. */
export class Link implements AsyncDisposable {
  readonly #port: number;
  readonly #pairs = new Set<Pair>();
  #listener: net.Server | undefined;
  #state: State = "open";

  private constructor(port: number) {
    this.#port = port;
  }

  /** Opens the link to `port`. */
  static async open(port: number): Promise<Link> {
    const link = new Link(port);
    await link.#listen();
    return link;
  }

  /** Holds every byte back until the link is restored, as a pulled cable does. */
  hold(): void {
    this.#state = "held";
    for (const pair of this.#pairs) pair.hold();
  }

  /**
   * Drops every byte. The current connections stay open but never carry anything again, as behind a
   * firewall that has forgotten them.
   */
  lose(): void {
    this.#state = "lost";
    for (const pair of this.#pairs) pair.lose();
  }

  /** Resets every connection and refuses new ones. */
  async refuse(): Promise<void> {
    this.#state = "refused";
    await this.#close();
  }

  /** Carries connections again. */
  async restore(): Promise<void> {
    this.#state = "open";
    for (const pair of this.#pairs) pair.release();
    if (!this.#listener) await this.#listen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #listen(): Promise<void> {
    const listener = net.createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
    this.#listener = listener;
    return new Promise((resolve, reject) => {
      listener.once("error", reject);
      listener.listen(this.#port, LINK_HOST, resolve);
    });
  }

  async #close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    const closed = new Promise<void>((resolve) => {
      if (listener) listener.close(() => resolve());
      else resolve();
    });
    for (const pair of this.#pairs) pair.destroy();
    await closed;
  }

  #accept(socket: net.Socket): void {
    const pair = new Pair(socket, this.#port, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    if (this.#state === "held") pair.hold();
    if (this.#state === "lost") pair.lose();
  }
}

/** One connection: the exporter's socket and ours to the lab. */
class Pair {
  readonly #near: net.Socket;
  readonly #far: net.Socket;
  readonly #over: () => void;
  #lost = false;

  constructor(near: net.Socket, port: number, over: () => void) {
    this.#near = near;
    this.#over = over;
    this.#far = net.connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    this.#carry(near, this.#far);
    this.#carry(this.#far, near);
  }

  hold(): void {
    this.#near.pause();
    this.#far.pause();
  }

  release(): void {
    this.#near.resume();
    this.#far.resume();
  }

  lose(): void {
    this.#lost = true;
    this.release();
  }

  destroy(): void {
    this.#near.resetAndDestroy();
    this.#far.destroy();
    this.#over();
  }

  #carry(from: net.Socket, to: net.Socket): void {
    from.on("data", (chunk) => {
      if (this.#lost || to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("end", () => {
      if (!this.#lost) to.end();
    });
    from.on("error", () => {});
    from.on("close", () => {
      // The peer of a forgotten connection receives nothing, not even its end.
      if (!this.#lost) this.destroy();
    });
  }
}
