/** A raw byte connection to an exporter, over any way. @module */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** A connection of an attacker. */
export interface Wire {
  /** The next bytes; null at the end. */
  read(): Promise<Uint8Array | null>;
  /** Resolves when the bytes were sent; rejects if the connection is closed. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes the connection abruptly. */
  close(): void;
}

/** A socket as a wire. */
export function socketWire(conn: Deno.Conn): Wire {
  const buffer = new Uint8Array(64 * 1024);
  return {
    async read() {
      const count = await conn.read(buffer).catch(() => null);
      return count === null ? null : buffer.slice(0, count);
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
    },
    close() {
      try {
        conn.close();
      } catch {
        // The exporter has closed it.
      }
    },
  };
}

/** A stream of node's as a wire. */
export function duplexWire(stream: Duplex): Wire {
  const chunks = stream[Symbol.asyncIterator]();
  stream.on("error", () => {});
  return {
    async read() {
      const next = await chunks.next().catch(() => ({ done: true, value: undefined }));
      return next.done ? null : next.value as Uint8Array;
    },
    write(bytes) {
      return new Promise((resolve, reject) => {
        if (stream.destroyed) reject(new Error("the tunnel has ended"));
        else stream.write(Buffer.from(bytes), (error) => error ? reject(error) : resolve());
      });
    },
    close: () => void stream.destroy(),
  };
}
