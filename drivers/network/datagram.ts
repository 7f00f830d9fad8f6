/** A UDP socket with one peer as a stream: one chunk is one datagram. @module */
import type { Socket } from "node:dgram";
import { Duplex } from "node:stream";
import { type DriverLog, messageOf } from "../../src/driver/mod.ts";

/** Datagrams that are buffered for a slow client; further ones are lost, as UDP allows. */
const BUFFERED_DATAGRAMS = 256;

/** The peer of a datagram stream, and the log of lost datagrams. */
export interface DatagramPeer {
  readonly address: string;
  readonly port: number;
  readonly log: DriverLog;
}

/**
 * Datagrams of one peer, including empty ones. UDP has no end of stream: it is open until
 * destroyed.
 */
export class DatagramStream extends Duplex {
  readonly #socket: Socket;
  readonly #peer: DatagramPeer;
  /** Datagrams that could not be sent. */
  #lost = 0;

  constructor(socket: Socket, peer: DatagramPeer) {
    super({ objectMode: true, readableHighWaterMark: BUFFERED_DATAGRAMS });
    const { address, port } = peer;
    this.#socket = socket;
    this.#peer = peer;
    socket.on("error", (error) => this.destroy(error));
    socket.on("message", (datagram, from) => {
      // Deno's connected sockets also deliver the datagrams of other senders.
      if (from.address !== address || from.port !== port) return;
      if (this.readableLength < BUFFERED_DATAGRAMS) this.push(datagram);
    });
  }

  /** Binds a local port, without sending anything. A failure is an `error` event. */
  connect(done: () => void): void {
    this.#socket.connect(this.#peer.port, this.#peer.address, done);
  }

  override _read(): void {}

  /**
   * Sends one at a time, because concurrent sends leave in any order. A lost datagram is no error.
   */
  override _write(datagram: Uint8Array, _encoding: unknown, done: () => void): void {
    this.#socket.send(datagram, (error) => {
      if (error) this.#lose(datagram, error);
      done();
    });
  }

  /** Logs the first one, and the number of further ones at the end: a client may send thousands. */
  #lose({ length }: Uint8Array, error: Error): void {
    this.#lost += 1;
    if (this.#lost > 1) return;
    this.#peer.log.warning(`lost a datagram of ${length} bytes: ${messageOf(error)}`);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#lost > 1) this.#peer.log.warning(`lost ${this.#lost - 1} more datagrams`);
    this.#socket.close(() => done(error));
  }
}
