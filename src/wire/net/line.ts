/** One line of text on a connection, before or instead of another protocol. @module */

const NEWLINE = 10;

/** A line, and the bytes received after it. */
export interface HeardLine {
  /** With its newline, unless the connection ended before it or `max` bytes have none. */
  readonly line: string;
  readonly rest: Uint8Array;
}

/** Reads until the end of the line or of the connection, but at most `max` bytes. */
export async function readLine(conn: Pick<Deno.Conn, "read">, max: number): Promise<HeardLine> {
  const bytes = new Uint8Array(max);
  let length = 0;
  let end = -1;
  while (length < max && end < 0) {
    const count = await conn.read(bytes.subarray(length));
    if (count === null) break;
    end = bytes.subarray(0, length + count).indexOf(NEWLINE, length);
    length += count;
  }
  const stop = end < 0 ? length : end + 1;
  const line = new TextDecoder().decode(bytes.subarray(0, stop));
  return { line, rest: bytes.subarray(stop, length) };
}
