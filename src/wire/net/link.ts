/** Byte streams that carry connections. @module */
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { formatPeer, peerOf, UNIX_PEER } from "./peer_address.ts";

/** Receives what arrives on a link. */
export interface LinkListener {
  /** Bytes, valid during the callback only. A promise holds back further bytes until it resolves. */
  bytes(bytes: Uint8Array): Promise<void> | void;
  /** The link is closed, told once; with an error unless this side closed it. */
  closed(error?: Error): void;
}

/** A byte stream in both directions; the end of one direction ends both. */
export interface Link {
  /** The address of the peer: host and port, or a description when there is no such address. */
  readonly peer?: string;
  /** How often it has waited for the peer, if it counts: other tasks ran during each wait. */
  readonly waits?: number | undefined;
  /** Starts to read. */
  start(listener: LinkListener): void;
  /**
   * Writes bytes; one write at a time. Returns undefined when the bytes were taken at once, else a
   * promise that resolves when they are, and never rejects. Until then they must not change.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Closes both directions at once. The listener is told. */
  close(): void;
}

/**
 * Sizes of the read buffer: small at first, so that thousands of silent connections cost little,
 * and larger each time that the peer fills it.
 */
const READS = [1024, 32 * 1024, 256 * 1024];

/** What is known of a socket that was used before it became a link. */
export interface ConnLinkOptions {
  /** Who is at the other end. @default its address */
  readonly peer?: string;
  /** Bytes that were read from it already, and are the link's first ones. */
  readonly heard?: Uint8Array | undefined;
}

/** A socket of Deno's own: its reads and writes cost a fraction of node:net's. */
export class ConnLink implements Link {
  readonly #conn: Deno.Conn;
  readonly #options: ConnLinkOptions;
  #closed = false;
  waits = 0;

  constructor(conn: Deno.Conn, options: ConnLinkOptions = {}) {
    this.#conn = conn;
    this.#options = options;
  }

  get peer(): string {
    return this.#options.peer ?? peerOf(this.#conn);
  }

  start(listener: LinkListener): void {
    this.#read(listener).then(
      () => listener.closed(),
      (error) => listener.closed(this.#closed ? undefined : error),
    ).finally(() => this.close());
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
    } catch {
      // The reader learns of it, too, and says so.
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }

  async #read(listener: LinkListener): Promise<void> {
    const { heard } = this.#options;
    if (heard && heard.length > 0) await listener.bytes(heard);
    let [size, ...larger] = READS;
    let buffer = new Uint8Array(size!);
    let drained = false;
    for (;;) {
      const count = await this.#conn.read(buffer);
      if (count === null || this.#closed) return;
      // Who read less than there was room for is given no more before the sockets were asked anew.
      if (drained) this.waits += 1;
      drained = count < buffer.length;
      const busy = listener.bytes(buffer.subarray(0, count));
      if (busy) await busy;
      // Whoever fills the buffer has more to say.
      if (drained || larger.length === 0) continue;
      [size, ...larger] = larger;
      buffer = new Uint8Array(size!);
    }
  }
}

/** What a stream of node's does not know of itself. */
export interface DuplexLinkOptions {
  /** Who is at the other end. */
  readonly peer?: string;
  /** What carries it, and counts as a link does. */
  readonly carrier?: { readonly waits: number };
}

/** A stream of node's. It must not be read by anybody else. */
export class DuplexLink implements Link {
  readonly #stream: Duplex;
  readonly #carrier: DuplexLinkOptions["carrier"];

  /** Known from the beginning, as a socket forgets it when it is closed. */
  readonly peer: string;

  constructor(stream: Duplex, { peer, carrier }: DuplexLinkOptions = {}) {
    this.#stream = stream;
    this.#carrier = carrier;
    const { remoteAddress, remotePort } = stream as Partial<Socket>;
    const found = remoteAddress === undefined
      ? UNIX_PEER
      : formatPeer(remoteAddress, remotePort ?? 0);
    this.peer = peer ?? found;
  }

  get waits(): number | undefined {
    return this.#carrier?.waits;
  }

  start(listener: LinkListener): void {
    const stream = this.#stream;
    let failure: Error | undefined;
    stream.on("data", (bytes: Uint8Array) => {
      const busy = listener.bytes(bytes);
      if (!busy) return;
      stream.pause();
      busy.then(() => stream.resume());
    });
    stream.on("error", (error: Error) => failure = error);
    // One that ends its side has left.
    stream.once("end", () => stream.destroy());
    stream.once("close", () => listener.closed(failure));
    if (stream.destroyed) listener.closed();
    // Who opened it may have paused it.
    stream.resume();
  }

  write(bytes: Uint8Array): Promise<void> {
    const stream = this.#stream;
    // Not every stream is done with a chunk when it says so; a socket is.
    const chunk = stream instanceof Socket ? bytes : bytes.slice();
    return new Promise((resolve) => {
      if (stream.destroyed) resolve();
      else stream.write(chunk, () => resolve());
    });
  }

  close(): void {
    this.#stream.destroy();
  }
}
