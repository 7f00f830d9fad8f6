/** Sends to the socket of a service manager (sd_notify(3)). @module */
import type { SystemError } from "../libc/libc.ts";
import { DatagramSender, MAX_ADDRESS, unixAddress } from "../libc/sockets.ts";

/** The outcome of sending; after `busy`, another attempt may succeed. */
export type Sent = "sent" | "busy";

/** A socket that sends messages to the service manager. */
export class NotifySocket implements Disposable {
  readonly #address: Uint8Array<ArrayBuffer>;
  readonly #sender: DatagramSender;

  /**
   * @param path an absolute path, or `@` and a name in the abstract namespace
   * @throws {Error} if `path` is neither, or too long.
   */
  constructor(readonly path: string) {
    this.#address = addressOf(path);
    this.#sender = new DatagramSender();
  }

  /** Sends without waiting. @throws {Error} naming the socket, if no process receives there. */
  send(text: string): Sent {
    try {
      return this.#sender.send(text, this.#address) ? "sent" : "busy";
    } catch (cause) {
      throw new Error(
        `Cannot notify the service manager at NOTIFY_SOCKET=${this.path}: ` +
          `${(cause as SystemError).code}; the unit may have ended, or NOTIFY_SOCKET may belong ` +
          "to another program",
        { cause },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#sender[Symbol.dispose]();
  }
}

function addressOf(path: string): Uint8Array<ArrayBuffer> {
  const address = unixAddress(path);
  if (address) return address;
  throw new Error(
    `Cannot use NOTIFY_SOCKET: expected an absolute path or @name of at most ${MAX_ADDRESS} ` +
      `bytes, found '${path}'`,
  );
}
