/**
 * Ports of servers that are no controllers.
 *
 * @module
 */
import * as net from "node:net";

/** Accepts connections and sends nothing, or the same bytes to each. */
export class BadPort {
  readonly #listener: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #says: Uint8Array | undefined;
  /** How many connections were accepted so far. */
  accepted = 0;

  protected constructor(says?: Uint8Array) {
    this.#says = says;
    this.#listener = net.createServer((socket) => this.#accept(socket));
  }

  /** Opens an ephemeral port that sends `says` to each client; without it, nothing. */
  static async open(says?: Uint8Array): Promise<BadPort> {
    const port = new BadPort(says);
    await port.listen();
    return port;
  }

  /** Host and port. */
  get endpoint(): string {
    return `localhost:${(this.#listener.address() as net.AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  protected listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#listener.once("error", reject);
      this.#listener.listen(0, "127.0.0.1", resolve);
    });
  }

  /** Handles a new connection. */
  protected handle(socket: net.Socket): void {
    socket.resume();
    if (this.#says) socket.write(this.#says);
  }

  #accept(socket: net.Socket): void {
    this.accepted++;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    this.handle(socket);
  }
}
