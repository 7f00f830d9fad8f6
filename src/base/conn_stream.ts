/** A Deno socket as a node:stream, for libraries that need one. @module */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

/** Bytes of a read: few until the peer has filled such a read once. */
const READS = [1024, 64 * 1024];

/** A TCP or Unix socket. */
type Conn = Deno.Conn & { closeWrite(): Promise<void> };

/** Reads from and writes to `conn`, and closes it when the stream is destroyed. Either direction may end alone. */
export class ConnStream extends Duplex {
  readonly #conn: Conn;
  #size = READS[0]!;
  #drained = false;
  /** Reads that had to wait for the peer, as in `Link`. */
  waits = 0;

  constructor(conn: Conn) {
    super();
    this.#conn = conn;
  }

  override async _read(): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(this.#size);
    try {
      const count = await this.#conn.read(buffer);
      if (this.#drained) this.waits += 1;
      this.#drained = count !== buffer.length;
      if (!this.#drained) this.#size = READS[1]!;
      this.push(count === null ? null : buffer.subarray(0, count));
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _write(chunk: Uint8Array, _encoding: unknown, done: (error?: Error | null) => void) {
    this.#write(chunk).then(() => done(), done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#write(Buffer.concat(chunks.map(({ chunk }) => chunk))).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    // An error means that the peer has left, which then needs no FIN.
    this.#conn.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#conn.close();
    done(error);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }
}
