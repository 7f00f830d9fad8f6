/** A socket of Deno's as a stream of node's, for what takes nothing else. @module */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

/** What is read at once: little from a peer that has not filled it yet. */
const READS = [1024, 64 * 1024];

/** What is needed of a socket: one of TCP, or of the file system. */
type Conn = Deno.Conn & { closeWrite(): Promise<void> };

/** Both ends of `conn`, which is closed with the stream; the end of one leaves the other open. */
export class ConnStream extends Duplex {
  readonly #conn: Conn;
  #size = READS[0]!;
  #drained = false;
  /** As `Link` has it. */
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
    // A peer that has left needs no word that nothing follows.
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
